"""`/explain/`: why somebody is, or is not, at each target; now or at some moment."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from idp.models import User
from provisioning.api.described import explains
from provisioning.api.problems import missing, wrong
from provisioning.api.shapes import (
    ANY_OBJECT,
    FLAG,
    ID,
    MOMENT,
    TEXT,
    Shape,
    fixed,
    or_null,
    some,
)
from provisioning.api.views import ApiView
from provisioning.explain import Explanation, asking

ASKED = ("user", "group", "service_provider", "identity_provider", "connector", "at")


class Explain(ApiView):
    model = User
    queryset = User.objects.none()
    pagination_class = None
    filter_backends: list[Any] = []
    parameters = {"ask": frozenset(ASKED)}

    @explains
    def ask(self, request: Request, **kwargs: Any) -> Response:
        asked = {name: request.query_params.get(name, "") for name in ASKED}
        if bool(asked["user"]) == bool(asked["group"]):
            raise wrong(("user", "name a user or a group"))
        try:
            return Response(self._answer(asked).as_json())
        except asking.NotKnown as error:
            if error.field in ("user", "group"):
                raise missing(f"{error.field} {asked[error.field][:80]}") from error
            raise

    def _answer(self, asked: dict[str, str]) -> Explanation:
        kind = "user" if asked["user"] else "group"
        provider, connector = asked["identity_provider"], asked["connector"]
        only = None
        if provider or connector:
            only = asking.connectors_of(self.tenant, provider, connector)
        return asking.answer(
            self.tenant,
            kind,
            asked[kind],
            service_provider=asked["service_provider"],
            connectors=only,
            at=asking.moment(asked["at"], self.tenant.zone) if asked["at"] else None,
        )


_GATES = {"type": "array", "items": fixed(gate=TEXT, ok=FLAG, reason=TEXT)}
_OBJECTS = {"type": "array", "items": ANY_OBJECT}
_VERDICT = {
    "type": "string",
    "enum": ["create", "update", "delete", "withdraw", "skip"],
}
_TARGET = fixed(
    identity_provider=TEXT,
    connector=TEXT,
    verdict=_VERDICT,
    reason=TEXT,
    summary=TEXT,
    gates=_GATES,
    remote_name=TEXT,
    payload=ANY_OBJECT,
    connector_state=TEXT,
    link=or_null(ANY_OBJECT),
    jobs=_OBJECTS,
    decisions=_OBJECTS,
    held_back_since=or_null(MOMENT),
)
SHAPES: dict[str, Shape] = {
    "Explanation": some(
        ["id", "service_provider", "targets"],
        user=TEXT,
        group=TEXT,
        id=ID,
        service_provider=TEXT,
        at=or_null(MOMENT),
        targets={"type": "array", "items": _TARGET},
    ),
}
