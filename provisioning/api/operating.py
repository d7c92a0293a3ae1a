"""Operation: what is at the targets, and the audit trail."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from provisioning import hand_links, owed
from provisioning.api import filters
from provisioning.api.described import ID as BY_ID
from provisioning.api.described import WRITES, acts, answers, reads
from provisioning.api.problems import Problem
from provisioning.api.shapes import (
    ANY_OBJECT,
    COUNT,
    ENTITY,
    FLAG,
    ID,
    MOMENT,
    TARGET,
    TEXT,
    Shape,
    fixed,
    or_null,
    words,
)
from provisioning.api.views import ApiView
from provisioning.models import AuditEvent, LinkState, ProvisionedEntity

Json = dict[str, Any]

SHAPES: Mapping[str, Shape] = {
    "ProvisionedEntity": fixed(
        id=ID,
        state=words(LinkState),
        **ENTITY,
        **TARGET,
        remote_id=TEXT,
        external_id=TEXT,
        active=FLAG,
        adopted=FLAG,
        owed=TEXT,
        accepted_version=COUNT,
        created=MOMENT,
        updated=MOMENT,
    ),
    "AuditEvent": fixed(
        id=ID,
        at=MOMENT,
        actor=TEXT,
        door=TEXT,
        service_provider=TEXT,
        action=TEXT,
        subject_type=TEXT,
        subject=TEXT,
        subject_name=TEXT,
        change=or_null(ID),
        detail=ANY_OBJECT,
        sequence=or_null(COUNT),
    ),
}


@reads("ProvisionedEntity", "a provisioned entity", "provisioned entities")
class ProvisionedEntities(ApiView):
    model = ProvisionedEntity
    ordering = "-id"
    queryset = ProvisionedEntity.objects.none()
    filterset_class = filters.Entities

    def rows(self) -> QuerySet[ProvisionedEntity]:
        rows = ProvisionedEntity.objects.filter(tenant=self.tenant)
        return rows.prefetch_related("connector__provider").defer("sealed_accepted")

    def list(self, request: Request, **kwargs: Any) -> Response:
        return self.listed(self.rows())

    def retrieve(self, request: Request, id: str, **kwargs: Any) -> Response:
        return Response(self.told_one(self.found(self.rows(), id)))

    @acts("ProvisionedEntity", "Send a removal that is owed; 204 when the account is gone")
    @action(detail=True, methods=["post"], url_path="send-owed")
    def send_owed(self, request: Request, id: str, **kwargs: Any) -> Response:
        link = self.found(self.rows(), id)
        if not owed.send(self.rows().filter(pk=link.pk), actor=self.caller.actor):
            raise Problem(409, "Nothing is owed, or the connector is disabled.")
        return Response(self.told_one(self.found(self.rows(), id)))

    @extend_schema(
        summary="Forget whose account it is; nothing is sent",
        request=None,
        parameters=[BY_ID],
        responses=answers({204: None}, *WRITES),
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def unlink(self, request: Request, id: str, **kwargs: Any) -> Response:
        link = self.found(self.rows().select_related("tenant"), id)
        try:
            hand_links.unlink(link, actor=self.caller.actor, door="rest")
        except hand_links.CannotLink as error:
            raise Problem(409, str(error)) from error
        return Response(status=204)

    def told(self, rows: Sequence[ProvisionedEntity]) -> builtins.list[Json]:
        return [told_link(link) for link in rows]


def told_link(link: ProvisionedEntity) -> Json:
    return {
        "id": link.pk,
        "state": link.state,
        "entity": link.entity_name,
        "entity_id": link.entity_id,
        "entity_type": link.entity_type,
        "identity_provider": link.connector.provider.name,
        "connector": link.connector.type,
        "remote_name": link.remote_name,
        "remote_id": link.remote_id,
        "external_id": link.external_id,
        "active": link.active,
        "adopted": link.adopted,
        "owed": link.owed,
        "accepted_version": link.accepted_version,
        "created": link.created.isoformat(),
        "updated": link.updated.isoformat(),
    }


@reads("AuditEvent", "an event of the audit trail", "the audit trail")
class Audit(ApiView):
    model = AuditEvent
    ordering = "-id"
    queryset = AuditEvent.objects.none()
    filterset_class = filters.Events

    def rows(self) -> QuerySet[AuditEvent]:
        return AuditEvent.objects.filter(tenant=self.tenant)

    def list(self, request: Request, **kwargs: Any) -> Response:
        return self.listed(self.rows())

    def retrieve(self, request: Request, id: str, **kwargs: Any) -> Response:
        return Response(self.told_one(self.found(self.rows(), id)))

    def told(self, rows: Sequence[AuditEvent]) -> builtins.list[Json]:
        return [
            {
                "id": event.pk,
                "at": event.at.isoformat(),
                "actor": event.actor,
                "door": event.door,
                "service_provider": event.service_provider,
                "action": event.action,
                "subject_type": event.subject_type,
                "subject": event.subject_id,
                "subject_name": event.subject_name,
                "change": event.change_id,
                "detail": event.detail,
                "sequence": event.sequence,
            }
            for event in rows
        ]
