"""What whoever runs an identity provider has to know of us, to the letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

from django.conf import settings
from django.urls import reverse

from idp.authenticators import OIDC, SAML
from idp.models import ROOT, IdentityProvider


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    text: str
    leads_there: bool = False


def facts(provider: IdentityProvider) -> list[Fact]:
    """None without an authenticator, or with a name that is no part of an address."""
    row = getattr(provider, "authenticator", None)
    if row is None or "/" in provider.name:
        return []
    told = {SAML: _of_saml, OIDC: _of_oidc}[row.type](provider)
    return [*told, Fact("People sign in at", _url("login_begin", provider), leads_there=True)]


def _of_saml(provider: IdentityProvider) -> Iterator[Fact]:
    metadata = _url("login_metadata", provider)
    chosen = (provider.authenticator.known_settings or {}).get("entity_id")
    yield Fact("Our metadata", metadata, leads_there=True)
    yield Fact("Our entity ID", chosen or metadata)
    yield Fact("Assertion consumer service", _url("login_acs", provider))


def _of_oidc(provider: IdentityProvider) -> Iterator[Fact]:
    yield Fact("Redirect URI", _url("login_callback", provider))
    yield Fact("Redirect URI after signing out", _url("login_signed_out", provider))


def _url(page: str, provider: IdentityProvider) -> str:
    """As logins write it: identity providers compare letter by letter."""
    domain = provider.tenant.domain
    named = (
        {"name": provider.name} if domain == ROOT else {"domain": domain, "name": provider.name}
    )
    path = quote(unquote(reverse(page, kwargs=named)), safe="/")
    return f"{settings.PURVEYOR_BASE_URL}{path}"
