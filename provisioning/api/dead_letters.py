"""Dead letters: failed jobs by what they have in common, and what is done to all of them."""

from __future__ import annotations

from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from idp.models import OutboundConnector
from provisioning import letters, replays
from provisioning.api.described import acts, groups_of
from provisioning.api.filters import connectors_called
from provisioning.api.problems import Problem, wrong
from provisioning.api.shapes import COUNT, FLAG, ID, MOMENT, TEXT, Shape, fixed, or_null, words
from provisioning.api.views import ApiView
from provisioning.configuration import ConfigurationError
from provisioning.configuration.nodes import Object, Text
from provisioning.letters import Group
from provisioning.models import Job, Replay, ReplayAction

Json = dict[str, Any]
FILTERS = ("identity_provider", "connector", "signature")
NAMED = Object(
    {
        "signature": Text(blank=False),
        "identity_provider": Text(blank=False),
        "connector": Text(blank=False),
        "reason": Text(),
    },
    frozenset({"signature"}),
)
"""Which group is meant; the connector only where several have that signature."""

SHAPES: dict[str, Shape] = {
    "DeadLetters": fixed(
        identity_provider=TEXT,
        connector=TEXT,
        connector_id=ID,
        signature=TEXT,
        count=COUNT,
        oldest=MOMENT,
        newest=MOMENT,
        reason=TEXT,
        advice=TEXT,
        sample=or_null(ID),
    ),
    "Replay": fixed(
        id=ID,
        action=words(ReplayAction),
        identity_provider=TEXT,
        connector=TEXT,
        signature=TEXT,
        total=COUNT,
        done=COUNT,
        left=COUNT,
        finished=FLAG,
    ),
}
SHAPES["DeadLettersPage"] = fixed(
    count=COUNT,
    next=or_null(TEXT),
    previous=or_null(TEXT),
    results={"type": "array", "items": {"$ref": "#/components/schemas/DeadLetters"}},
)


class DeadLetters(ApiView):
    model = Job
    queryset = Job.objects.none()
    pagination_class = None
    filter_backends: list[Any] = []
    parameters = {"groups": frozenset(FILTERS)}

    @groups_of("DeadLettersPage", "Failed jobs, grouped by what they have in common")
    def groups(self, request: Request, **kwargs: Any) -> Response:
        asked = {name: request.query_params.get(name, "") for name in FILTERS}
        found = [_told(group) for group in self._groups(asked)]
        return Response({"count": len(found), "next": None, "previous": None, "results": found})

    @acts("Replay", "Retry all of a group", request="DeadLettersNamed")
    @action(detail=False, methods=["post"])
    def retry(self, request: Request, **kwargs: Any) -> Response:
        return self._begin(ReplayAction.RETRY)

    @acts("Replay", "Skip all of a group: nobody wants them", request="DeadLettersNamed")
    @action(detail=False, methods=["post"])
    def skip(self, request: Request, **kwargs: Any) -> Response:
        return self._begin(ReplayAction.SKIP)

    @acts("Replay", "How far retrying or skipping a group has come")
    def replay(self, request: Request, id: str, **kwargs: Any) -> Response:
        rows = Replay.objects.filter(tenant=self.tenant).select_related("connector__provider")
        return Response(_replay(self.found(rows, id)))

    def _begin(self, act: ReplayAction) -> Response:
        problems: list[str] = []
        body: Json = NAMED.clean(self.body(), "", problems)
        if problems:
            raise ConfigurationError(*problems)
        begun = replays.begin(
            self._connector(body),
            body["signature"],
            act,
            actor=self.caller.actor,
            reason=body.get("reason", ""),
        )
        if begun is None:
            raise Problem(409, "Nothing has failed like that.")
        if begun.action != act:
            raise Problem(409, f"They are being dealt with already: {begun.action}.")
        return Response(_replay(begun))

    def _connector(self, body: Json) -> OutboundConnector:
        found = self._groups(body)
        if len(found) > 1:
            raise wrong(("connector", "several have that signature: say which"))
        if not found:
            raise Problem(409, "Nothing has failed like that.")
        return found[0].connector

    def _groups(self, asked: Json) -> list[Group]:
        ids = connectors_called(
            self.tenant, asked.get("identity_provider", ""), asked.get("connector", "")
        )
        signature = asked.get("signature") or None
        return letters.groups(self.tenant, connectors=ids, signature=signature)


def _told(group: Group) -> Json:
    return {
        "identity_provider": group.connector.provider.name,
        "connector": group.connector.type,
        "connector_id": group.connector.pk,
        "signature": group.signature,
        "count": group.count,
        "oldest": group.oldest.isoformat(),
        "newest": group.newest.isoformat(),
        "reason": group.reason,
        "advice": group.advice,
        "sample": group.sample.pk if group.sample else None,
    }


def _replay(replay: Replay) -> Json:
    return {
        "id": replay.pk,
        "action": replay.action,
        "identity_provider": replay.connector.provider.name,
        "connector": replay.connector.type,
        "signature": replay.signature,
        "total": replay.total,
        "done": replay.done,
        "left": replay.left,
        "finished": replay.finished is not None,
    }
