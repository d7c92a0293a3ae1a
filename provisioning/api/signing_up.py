"""Self sign-up: asked for by anybody, or by a client for whoever sits before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from idp import claims
from idp.local_claims import table_of
from idp.models import Operator
from provisioning import signup
from provisioning.api.described import OUTCOME, WRITES, answers, ref
from provisioning.api.problems import Problem, missing, wrong
from provisioning.api.shapes import ID, MOMENT, TEXT, Shape, fixed, some
from provisioning.api.views import ApiView, outcome_headers
from provisioning.configuration import single
from provisioning.inbound.auth import Caller, authenticate
from provisioning.models import SignUp
from provisioning.signup.asking import ACTOR
from serviceproviders.queries import resident_in

EMAIL = "http://wso2.org/claims/emailaddress"

SHAPES: Mapping[str, Shape] = {
    "NewSignUp": some(
        ["username", "password", "claims"],
        username=TEXT,
        password=TEXT,
        claims={"type": "object", "additionalProperties": TEXT},
    ),
    "SignUp": fixed(email=TEXT, expires=MOMENT),
    "SignUpToken": fixed(token=TEXT),
    "SignedUp": fixed(user=ID, username=TEXT),
}


class SignUpCaller(BaseAuthentication):
    """A client with the scope `provisioning`; anybody else is nobody, and acts for the
    resident service provider."""

    def authenticate(self, request: Request) -> tuple[Operator | None, Caller]:
        plain: HttpRequest = request._request
        domain = request.parser_context["kwargs"].get("domain")
        if request.headers.get("Authorization"):
            caller = authenticate(plain, domain)
            return caller.operator, caller
        resident = resident_in(domain or "carbon.super")
        if resident is None:
            raise missing(f"tenant {str(domain)[:80]}")
        return None, Caller(resident.tenant, resident, ACTOR)


class SignUpCallerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # theirs
    target_class = SignUpCaller
    name = "client"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A client's token with the scope provisioning, or none.",
        }

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        return [{"client": []}, {}]


class SignUps(ApiView):
    model = SignUp
    authentication_classes = [SignUpCaller]
    permission_classes = []
    throttle_classes = []
    queryset = SignUp.objects.none()

    @extend_schema(
        summary="Sign up; an e-mail asks for confirmation",
        request={"application/json": ref("NewSignUp")},
        responses=answers({202: "SignUp"}, *WRITES),
    )
    def ask(self, request: Request, **kwargs: Any) -> Response:
        if request.headers.get("Authorization") is None and not self.tenant.self_signup:
            raise Problem(403, f"Nobody can sign up in {self.tenant.domain} by themselves.")
        try:
            row = signup.ask(self.wish(request))
        except signup.TooMany as error:
            headers = {"Retry-After": str(error.retry_after)}
            raise Problem(429, str(error), headers=headers) from error
        except signup.Unavailable as error:
            raise Problem(503, str(error)) from error
        return Response({"email": row.email, "expires": row.expires.isoformat()}, status=202)

    @extend_schema(
        summary="Confirm a sign-up with the token of the e-mail",
        request={"application/json": ref("SignUpToken")},
        parameters=[OUTCOME],
        responses=answers({200: "SignedUp"}, *WRITES, 502),
    )
    def confirm(self, request: Request, **kwargs: Any) -> Response:
        token = self.body().get("token")
        if not isinstance(token, str) or not token:
            raise wrong(("token", "is missing, or is no text"))
        try:
            row = signup.find(token)
        except signup.Unknown as error:
            raise Problem(404, str(error)) from error
        accepted = signup.confirm(row)
        headers = outcome_headers(accepted.outcomes) if accepted else {}
        told = {"user": str(row.user_id), "username": row.username}
        return Response(told, headers=headers)

    def wish(self, request: Request) -> signup.SelfSignUp:
        body = self.body()
        given = {
            name: body[name] for name in ("username", "password", "claims") if name in body
        }
        if unknown := [name for name in body if name not in given]:
            raise wrong(*((name[:80], "is unknown here") for name in unknown))
        for name in ("password", "claims"):
            if not given.get(name):
                raise wrong((name, "is missing"))
        entry = single.checked_user(self.tenant, given)
        table = table_of(self.tenant)
        profile = claims.Profile(username=entry["username"])
        after = table.write_claims(entry["claims"], profile)
        if not after.active:
            raise wrong(("claims", "nobody signs up with a disabled account"))
        return signup.SelfSignUp(
            tenant=self.tenant,
            service_provider=self.caller.service_provider,
            username=entry["username"],
            password=entry["password"],
            email=str(entry["claims"].get(EMAIL) or ""),
            document=after.document,
            external_id=after.external_id,
            address=request.META.get("REMOTE_ADDR") or "",
        )
