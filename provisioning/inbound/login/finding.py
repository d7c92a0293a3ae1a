"""Which tenant, identity provider and application a login is about, by its address."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import HttpRequest

from idp.models import ROOT, IdentityProvider, Tenant
from provisioning.inbound.login.attempts import Wish
from provisioning.inbound.login.stops import Unknown, WrongRequest
from serviceproviders.models import RESIDENT, ServiceProvider
from serviceproviders.queries import tenant_of

PARAMETERS = ("service_provider", "redirect_uri", "state")
LONGEST = 2048


def tenant(domain: str | None) -> Tenant:
    found = tenant_of(domain or ROOT)
    if found is None:
        raise Unknown("There is no such tenant.")
    return found


def in_use(tenant: Tenant) -> QuerySet[IdentityProvider]:
    """Those of the tenant through which people sign in."""
    rows = IdentityProvider.objects.filter(
        tenant=tenant, enabled=True, retired_at=None, authenticator__isnull=False
    )
    return rows.select_related("tenant", "authenticator", "jit__user_store")


def provider(domain: str | None, name: str, *, unused: bool = False) -> IdentityProvider:
    """Raises `Unknown`. `unused`: also one that is switched off, or has no authenticator."""
    owner = tenant(domain)
    rows = IdentityProvider.objects.filter(tenant=owner).select_related(
        "tenant", "authenticator", "jit__user_store"
    )
    found = None if "\0" in name else (rows if unused else in_use(owner)).filter(name=name)
    row = found.first() if found is not None else None
    if row is None:
        raise Unknown("Nobody signs in here: there is no such identity provider in use.")
    return row


def wish(request: HttpRequest, tenant: Tenant) -> Wish:
    """What the application asks for; the resident service provider without one. An address
    counts only exactly as it is registered. Raises `WrongRequest`."""
    given = {name: request.GET.get(name, "") for name in PARAMETERS}
    for name, value in given.items():
        if len(value) > LONGEST or "\0" in value:
            raise WrongRequest(f"{name} has at most {LONGEST} characters, and no NUL.")
    owner = service_provider(tenant, given["service_provider"])
    uri = given["redirect_uri"]
    if not uri and not owner.is_resident:
        raise WrongRequest("redirect_uri is missing: where the application is waiting for you.")
    if uri and uri not in owner.redirect_uris:
        raise WrongRequest(
            f"The address to come back to is not registered for the application {owner}. "
            "You are not sent there."
        )
    if uri and (urlsplit(uri).scheme not in ("https", "http") or "#" in uri):
        raise WrongRequest("redirect_uri must be a web address without a fragment.")
    return Wish(owner, redirect_uri=uri, application_state=given["state"])


def service_provider(tenant: Tenant, name: str) -> ServiceProvider:
    wanted = RESIDENT if name in ("", "resident") else name
    rows = ServiceProvider.objects.select_related("tenant", "user_store")
    found = rows.filter(tenant=tenant, name=wanted, retired_at=None).first()
    if found is None:
        raise WrongRequest("There is no such application here (service_provider).")
    return found
