"""Applications redeem the one-time codes of logins: who it was, and how it went on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from idp.local_claims import table_of
from idp.models import INTERNAL
from provisioning.api.described import WRITES, answers, ref
from provisioning.api.problems import Problem, wrong
from provisioning.api.shapes import FLAG, ID, TEXT, TEXTS, Shape, fixed, some
from provisioning.api.views import ApiView
from provisioning.configuration.export import user_entry
from provisioning.inbound import allowance
from provisioning.inbound.auth import Caller, Unauthenticated
from provisioning.inbound.login import codes
from provisioning.inbound.oauth.clients import authenticate_client
from provisioning.models import LoginCode
from provisioning.readers import PassingReader, Reader, StoreReader

SHAPES: Mapping[str, Shape] = {
    "LoginCode": some(["code", "redirect_uri"], code=TEXT, redirect_uri=TEXT),
    "RedeemedLogin": fixed(
        user=TEXT,
        user_id=ID,
        claims={"type": "object", "additionalProperties": {}},
        groups=TEXTS,
        roles=TEXTS,
        identity_provider=TEXT,
        subject=TEXT,
        created=FLAG,
        outcome=TEXT,
    ),
}


class LoginClient(BaseAuthentication):
    """The OAuth client of the application, by its id and secret (Basic)."""

    def authenticate(self, request: Request) -> tuple[None, Caller]:
        plain: HttpRequest = request._request
        domain = request.parser_context["kwargs"].get("domain")
        scheme = request.headers.get("Authorization", "").partition(" ")[0]
        if scheme.lower() != "basic":
            raise Unauthenticated("Client credentials (Basic) are required.", domain)
        client = authenticate_client(plain, domain)
        allowance.check(plain, client, domain)
        sender = client.service_provider
        return None, Caller(sender.tenant, sender, client.client_id, frozenset())


class LoginClientScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # theirs
    target_class = LoginClient
    name = "application"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "basic",
            "description": "The client id and secret of the application.",
        }


class Redeem(ApiView):
    model = LoginCode
    authentication_classes = [LoginClient]
    permission_classes = []
    queryset = LoginCode.objects.none()

    @extend_schema(
        summary="Redeem the one-time code of a login, once and within a minute",
        request={"application/json": ref("LoginCode")},
        responses=answers({200: "RedeemedLogin"}, *WRITES),
    )
    def redeem(self, request: Request, **kwargs: Any) -> Response:
        body = self.body()
        known = SHAPES["LoginCode"]["properties"]
        problems = [(name[:80], "is unknown here") for name in body if name not in known]
        for name in known:
            if not isinstance(body.get(name), str) or not body[name]:
                problems.append((name, "is missing, or is no text"))
        if problems:
            raise wrong(*problems)
        sender = self.caller.service_provider
        try:
            row = codes.redeem(sender, body["code"], body["redirect_uri"])
        except codes.NotGood as error:
            raise wrong(("code", str(error))) from error
        return Response(self.person(row))

    def person(self, row: LoginCode) -> dict[str, Any]:
        """As they are now. Raises `Problem` when they went meanwhile."""
        sender = self.caller.service_provider
        reader: Reader = PassingReader(sender) if sender.dumb_mode else StoreReader(self.tenant)
        user = reader.user_with_id(row.user_id)
        if user is None or not user.active:
            raise Problem(409, "The account is gone, or disabled, since the login.")
        names = sorted(ref.name for ref in reader.groups_of_users([user.pk]).get(user.pk, ()))
        entry = user_entry(table_of(self.tenant), user, names)
        internal = f"{INTERNAL}/"
        return {
            "user": user.full_name,
            "user_id": user.pk,
            "claims": entry["claims"],
            "groups": [name for name in names if not name.startswith(internal)],
            "roles": [name for name in names if name.startswith(internal)],
            "identity_provider": row.provider.name,
            "subject": row.subject,
            "created": row.made,
            "outcome": row.outcome,
        }
