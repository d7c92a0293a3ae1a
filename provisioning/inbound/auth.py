"""Who calls a door: HTTP Basic (an operator) or OAuth 2.0 Bearer (a service provider).

`authenticate` is all a door needs. It answers a frozen `Caller` or raises `AuthRefused`,
which knows the status and headers of the answer; the body is the door's, in its protocol.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest

from idp.models import ROOT, Operator, Tenant
from provisioning import logbook
from provisioning.inbound import allowance, basic, bearer
from provisioning.inbound.refusals import AuthRefused, InsufficientScope, Unauthenticated
from serviceproviders.models import ServiceProvider
from serviceproviders.queries import resident_in, tenant_of

__all__ = [
    "PROVISIONING",
    "READING",
    "AuthRefused",
    "Caller",
    "InsufficientScope",
    "Unauthenticated",
    "authenticate",
]

PROVISIONING = "provisioning"
READING = "provisioning:read"
"""Enough for what changes nothing."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: everything of the request that a `Change` needs.

    `actor` is the operator's login or the OAuth client's id. `scopes` are those of the
    token; None for Basic, which has no scopes, but an `operator`.
    """

    tenant: Tenant
    service_provider: ServiceProvider
    actor: str
    scopes: frozenset[str] | None = field(default=None)
    operator: Operator | None = field(default=None, compare=False)


def authenticate(
    request: HttpRequest, domain: str | None = None, *, scope: str = PROVISIONING
) -> Caller:
    """The caller, for the tenant of the URL (`/t/<domain>/…`; None: no such prefix).

    Without prefix the tenant is `carbon.super`, unless what follows the last `@` of a Basic
    name is an existing tenant. Basic acts for the resident service provider, Bearer for the
    token's own. Raises `Unauthenticated` (401) or `InsufficientScope` (403).
    """
    caller = _caller(request, domain, scope)
    logbook.caller(caller.tenant, caller.actor)
    return caller


def _caller(request: HttpRequest, domain: str | None, scope: str) -> Caller:
    scheme, _, value = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() == "basic":
        return _basic(request, value.strip(), domain)
    if scheme.lower() == "bearer":
        return _bearer(request, value.strip(), domain or ROOT, scope)
    if scheme:
        raise Unauthenticated(f"Authorization {scheme[:32]!r} is not supported.", domain)
    raise Unauthenticated("Credentials are required.", domain)


def _reads(request: HttpRequest, scope: str) -> bool:
    """Whether it is a request to a door that only looks."""
    if scope != PROVISIONING:
        return False
    search = request.method == "POST" and request.path.rstrip("/").endswith("/.search")
    return search or request.method in ("GET", "HEAD")


def _basic(request: HttpRequest, value: str, domain: str | None) -> Caller:
    name, password = basic.decode(value, domain)
    if domain is None:
        domain, name = _tenant_in(name)
    resident = resident_in(domain)
    if resident is None:
        basic.refuse_unknown(request, name, password, domain)
    operator = basic.operator_of(request, name, password, resident.tenant)
    return Caller(resident.tenant, resident, operator.username, operator=operator)


def _tenant_in(name: str) -> tuple[str, str]:
    """Tenant domain and the rest of a Basic name: what follows the last `@`, if it is one."""
    bare, at, domain = name.rpartition("@")
    if at and bare and (tenant := tenant_of(domain)):
        return tenant.domain, bare
    return ROOT, name


def _bearer(request: HttpRequest, token: str, domain: str, scope: str) -> Caller:
    client, scopes = bearer.client_of_token(token, domain)
    if scope not in scopes and not (_reads(request, scope) and READING in scopes):
        raise InsufficientScope(scope, domain)
    allowance.check(request, client, domain)
    service_provider = client.service_provider
    return Caller(service_provider.tenant, service_provider, client.client_id, scopes)
