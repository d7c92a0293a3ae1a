"""People who sign in with a browser, an identity provider, and an application that waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from django.test import Client

from idp.models import Authenticator, IdentityProvider, Tenant
from provisioning.configuration import apply
from provisioning.inbound import verified
from provisioning.inbound.login.oidc import discovery
from serviceproviders.models import ServiceProvider
from tests.fakes.openid import OpenIdProvider
from tests.flows.conftest import Store
from tests.provisioning.inbound.calls import basic, make_client

APPLICATION = "https://hr.example/callback"
C = "http://wso2.org/claims/"
MAPPINGS = [
    {"remote": "given_name", "local": f"{C}givenname"},
    {"remote": "family_name", "local": f"{C}lastname"},
    {"remote": "email", "local": f"{C}emailaddress"},
    {"remote": "title", "local": f"{C}title"},
]


@pytest.fixture
def openid() -> Iterator[OpenIdProvider]:
    discovery.forget()
    with OpenIdProvider() as running:
        yield running


@pytest.fixture
def corporate(tenant: Tenant, store: Store, openid: OpenIdProvider) -> IdentityProvider:
    """An identity provider through which people sign in and are made."""
    store.add_group("sales")
    return configure(openid)


def configure(
    openid: OpenIdProvider,
    *,
    name: str = "corporate",
    jit: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    tenant: str = "carbon.super",
    **more: Any,
) -> IdentityProvider:
    entry = {
        "name": name,
        "claim_dialect": "custom",
        "claim_mappings": MAPPINGS,
        "role_claim": "groups",
        "role_mappings": [{"local": "sales", "remote": "Sales"}],
        "jit": {"enabled": True, **(jit or {})},
        **more,
    }
    tree = {"version": 1, "tenants": [{"domain": tenant, "identity_providers": [entry]}]}
    apply(tree, actor="a test")
    provider = IdentityProvider.objects.get(tenant__domain=tenant, name=name)
    authenticator = Authenticator.objects.filter(provider=provider).first()
    authenticator = authenticator or Authenticator(provider=provider, type="oidc")
    authenticator.settings = {**openid.settings, **(settings or {})}
    authenticator.save()
    return provider


@pytest.fixture
def application(portal: ServiceProvider) -> ServiceProvider:
    """One that waits for people, and redeems codes as its own OAuth client."""
    verified.credentials.forget()
    portal.dumb_mode, portal.redirect_uris = False, [APPLICATION]
    portal.save()
    make_client(portal)
    return portal


class Person:
    """A browser: our pages in a test client, the identity provider's over HTTP."""

    def __init__(self, base: str) -> None:
        self.client = Client()
        self.base = base

    def begin(self, name: str = "corporate", **query: str) -> Any:
        return self.client.get(f"/login/{name}/?{urlencode(query)}")

    def at_provider(self, begun: Any) -> str:
        """Through the identity provider; answers our address it sends the browser to."""
        assert begun.status_code == 302, begun.content
        there = requests.get(begun["Location"], allow_redirects=False, timeout=10)
        assert there.status_code == 302, there.text
        back = there.headers["Location"]
        assert back.startswith(self.base)
        return back.removeprefix(self.base)

    def sign_in(self, name: str = "corporate", **query: str) -> Any:
        """All the way; what we answer in the end."""
        return self.client.get(self.at_provider(self.begin(name, **query)))

    def to_application(self, name: str = "corporate") -> Any:
        """As `sign_in`, for the application."""
        wanted = {"service_provider": "hr-portal", "redirect_uri": APPLICATION, "state": "s 1"}
        return self.sign_in(name, **wanted)

    def redeem(self, answer: Any, **more: str) -> Any:
        """What the application does with what came to it."""
        return redeem(self.client, code_of(answer), **more)


@pytest.fixture
def person(corporate: IdentityProvider, settings: Any) -> Person:
    return Person(settings.PURVEYOR_BASE_URL)


def came_to(answer: Any) -> dict[str, str]:
    """What the application is told by the address."""
    assert answer.status_code == 302, answer.content.decode()
    parts = urlsplit(answer["Location"])
    assert answer["Location"].startswith(f"{APPLICATION}?")
    return dict(parse_qsl(parts.query))


def code_of(answer: Any) -> str:
    return came_to(answer)["code"]


def redeem(client: Client, code: str, **more: str) -> Any:
    credentials = basic(more.pop("client_id", "hr-portal"), more.pop("secret", "hr-secret-123"))
    return client.post(
        "/api/v1/login/redeem/",
        {"code": code, "redirect_uri": APPLICATION, **more},
        content_type="application/json",
        headers=credentials,
    )
