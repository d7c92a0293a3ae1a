"""Events of trusted authenticators: somebody has signed in through an identity provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from idp.models import IdentityProvider, Operator
from provisioning import jit
from provisioning.api.described import OUTCOME, WRITES, answers, ref
from provisioning.api.problems import Problem, wrong
from provisioning.api.shapes import ANY_OBJECT, FLAG, TEXT, TEXTS, Shape, fixed, some
from provisioning.api.views import ApiView
from provisioning.changes import outcome_header
from provisioning.inbound.auth import Caller, authenticate
from provisioning.jit.idempotence import Answer, KeyInUse, once
from provisioning.models import JitEvent

SCOPE = "provisioning:jit"
KEY = "Idempotency-Key"
LONGEST_KEY = 255

SHAPES: Mapping[str, Shape] = {
    "NewJitEvent": some(
        ["identity_provider", "subject"],
        identity_provider=TEXT,
        subject=TEXT,
        claims=ANY_OBJECT,
        roles=TEXTS,
        email_verified=FLAG,
    ),
    "JitEvent": fixed(user=TEXT, created=FLAG, outcome=TEXT),
}


class JitCaller(BaseAuthentication):
    """A client with the scope `provisioning:jit`, or an operator who may use the doors."""

    def authenticate(self, request: Request) -> tuple[Operator | None, Caller]:
        plain: HttpRequest = request._request
        domain = request.parser_context["kwargs"].get("domain")
        caller = authenticate(plain, domain, scope=SCOPE)
        return caller.operator, caller


class JitCallerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # theirs
    target_class = JitCaller
    name = "authenticator"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": f"A client's token with the scope {SCOPE}.",
        }


class JitEvents(ApiView):
    model = JitEvent
    authentication_classes = [JitCaller]
    permission_classes = []
    queryset = JitEvent.objects.none()

    @extend_schema(
        summary="Tell that somebody has signed in",
        request={"application/json": ref("NewJitEvent")},
        parameters=[OpenApiParameter(KEY, str, OpenApiParameter.HEADER), OUTCOME],
        responses=answers({200: "JitEvent"}, *WRITES, 502),
    )
    def tell(self, request: Request, **kwargs: Any) -> Response:
        body = self.body()
        login = self.login(body)
        key = request.headers.get(KEY, "")
        if len(key) > LONGEST_KEY or "\0" in key:
            raise wrong((KEY, f"has at most {LONGEST_KEY} characters"))
        try:
            told = once(self.caller.service_provider, key, body, lambda: self.signed_in(login))
        except KeyInUse as error:
            raise Problem(409, str(error), errors=[(KEY, str(error))]) from error
        except jit.NotAdmitted as error:
            raise Problem(409, str(error), errors=[(error.field, str(error))]) from error
        return Response(told.body, status=told.status, headers=told.headers)

    def signed_in(self, login: jit.Login) -> Answer:
        done = jit.sign_in(login)
        header = outcome_header(done.outcomes)
        headers = {"Provisioning-Outcome": header} if header else {}
        if done.failed:
            names = ", ".join(f"{o.identity_provider}/{o.connector}" for o in done.failed)
            raise Problem(502, f"A blocking target did not take it: {names}.", headers=headers)
        told = {"user": done.name, "created": done.created, "outcome": header}
        return Answer(200, told, headers)

    def login(self, body: dict[str, Any]) -> jit.Login:
        known = SHAPES["NewJitEvent"]["properties"]
        problems = [(name[:80], "is unknown here") for name in body if name not in known]
        for name, kind, what in (
            ("identity_provider", str, "a text"),
            ("subject", str, "a text"),
            ("claims", dict, "an object of claims"),
            ("email_verified", bool, "true or false"),
        ):
            if name in ("identity_provider", "subject") and not body.get(name):
                problems.append((name, "is missing"))
            elif name in body and not isinstance(body[name], kind):
                problems.append((name, f"must be {what}"))
        roles = body.get("roles")
        if roles is not None and not _is_texts(roles):
            problems.append(("roles", "must be a list of texts"))
        if problems:
            raise wrong(*problems)
        return jit.Login(
            provider=self.provider(body["identity_provider"]),
            service_provider=self.caller.service_provider,
            subject=body["subject"],
            claims=body.get("claims", {}),
            roles=roles,
            email_verified=body.get("email_verified", False),
            actor=self.caller.actor,
            strict=True,
        )

    def provider(self, name: str) -> IdentityProvider:
        rows = IdentityProvider.objects.filter(tenant=self.tenant)
        found = None if "\0" in name else rows.filter(name=name).first()
        if found is None:
            raise wrong(("identity_provider", f"there is no identity provider {name[:80]}"))
        found.tenant = self.tenant
        return found


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
