"""Who calls the API: an operator with a console session or Basic, or a client with Bearer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from idp.console.scope import current_tenant, operator_of
from idp.models import Operator
from provisioning import logbook
from provisioning.api.problems import missing
from provisioning.inbound.auth import Caller, authenticate
from provisioning.inbound.refusals import Unauthenticated
from serviceproviders.queries import resident_in

READ, WRITE = "api:read", "api:write"


class ApiCaller(BaseAuthentication):
    """`request.auth` is a `Caller`. Raises `AuthRefused`, or `Problem` for a session that
    asks for another tenant: it does not exist for it."""

    def authenticate(self, request: Request) -> tuple[Operator | None, Caller]:
        plain: HttpRequest = request._request
        domain = request.parser_context["kwargs"].get("domain")
        if request.headers.get("Authorization"):
            scope = READ if request.method in SAFE_METHODS else WRITE
            caller = authenticate(plain, domain, scope=scope)
            return caller.operator, caller
        if not plain.user.is_authenticated or not plain.user.is_active:
            raise Unauthenticated("Credentials are required.", domain)
        if request.method not in SAFE_METHODS:
            # The browser sends the session by itself: the token says that a page asked.
            SessionAuthentication().enforce_csrf(request)
        operator = operator_of(plain)
        return operator, _at_console(plain, operator, domain)


def _at_console(request: HttpRequest, operator: Operator, domain: str | None) -> Caller:
    tenant = current_tenant(request) if domain is None else operator.tenant
    wanted = domain or tenant.domain
    resident = resident_in(wanted)
    if resident is None or not (operator.is_superuser or tenant.domain == wanted):
        raise missing(f"tenant {wanted[:80]}")
    logbook.caller(resident.tenant, operator.username)
    return Caller(resident.tenant, resident, operator.username, operator=operator)


class ApiCallerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # theirs
    target_class = ApiCaller
    name = ["basic", "bearer", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return [
            {
                "type": "http",
                "scheme": "basic",
                "description": "An operator who may use the provisioning doors.",
            },
            {
                "type": "http",
                "scheme": "bearer",
                "description": f"A client's access token with the scope {READ} or {WRITE}.",
            },
            {
                "type": "apiKey",
                "in": "cookie",
                "name": "sessionid",
                "description": "The console's session; changes need the CSRF token as well.",
            },
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        return [{name: []} for name in self.name]
