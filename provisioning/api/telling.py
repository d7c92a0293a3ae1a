"""Who is told of what: notifications, who gets them by e-mail, and webhooks."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from provisioning import courier
from provisioning.api import filters
from provisioning.api.configuring import Configured
from provisioning.api.described import acts, reads, ref, resource, tells_messages
from provisioning.api.problems import Problem
from provisioning.api.shapes import (
    ANY_OBJECT,
    COUNT,
    ID,
    MOMENT,
    TEXT,
    Shape,
    fixed,
    or_null,
    words,
)
from provisioning.api.views import ApiView
from provisioning.configuration import single, telling
from provisioning.configuration.report import Line
from provisioning.models import (
    Cause,
    Message,
    Notification,
    NotificationPreference,
    Passage,
    Severity,
    Webhook,
)

Json = dict[str, Any]
SHOWN = 100
"""Messages of a webhook that are told."""

SHAPES: Mapping[str, Shape] = {
    "Notification": fixed(
        id=ID,
        cause=words(Cause),
        severity=words(Severity),
        title=TEXT,
        text=TEXT,
        count=COUNT,
        identity_provider=TEXT,
        connector=TEXT,
        link=TEXT,
        opened=MOMENT,
        seen=MOMENT,
        resolved=or_null(MOMENT),
    ),
    "Message": fixed(
        id=ID,
        about=TEXT,
        events=COUNT,
        state=words(Passage),
        attempts=COUNT,
        status=or_null(COUNT),
        reason=TEXT,
        not_before=MOMENT,
        created=MOMENT,
        finished=or_null(MOMENT),
        exchange=or_null(ANY_OBJECT),
    ),
    "MessageList": fixed(results={"type": "array", "items": ref("Message")}),
}


@reads("Notification", "a notification", "notifications")
class Notifications(ApiView):
    model = Notification
    ordering = "-id"
    queryset = Notification.objects.none()
    filterset_class = filters.Notifications

    def rows(self) -> QuerySet[Notification]:
        rows = Notification.objects.filter(tenant=self.tenant)
        return rows.select_related("connector__provider")

    def list(self, request: Request, **kwargs: Any) -> Response:
        return self.listed(self.rows())

    def retrieve(self, request: Request, id: str, **kwargs: Any) -> Response:
        return Response(self.told_one(self.found(self.rows(), id)))

    def told(self, rows: Sequence[Notification]) -> builtins.list[Json]:
        return [
            {
                "id": row.pk,
                "cause": row.cause,
                "severity": row.severity,
                "title": row.title,
                "text": row.text,
                "count": row.count,
                "identity_provider": row.connector.provider.name if row.connector else "",
                "connector": row.connector.type if row.connector else "",
                "link": row.link,
                "opened": row.opened.isoformat(),
                "seen": row.seen.isoformat(),
                "resolved": row.resolved.isoformat() if row.resolved else None,
            }
            for row in rows
        ]


@resource("Recipient", "who gets notifications by e-mail", "recipients", retires=False)
class Recipients(Configured):
    """Operators with the severities they want by e-mail; an empty list ends it."""

    model = NotificationPreference
    kind, key = "notifications", "operator"
    filterset_class = filters.Recipients
    queryset = NotificationPreference.objects.none()

    def rows(self) -> QuerySet[NotificationPreference]:
        return telling.preferences_in(self.tenant)

    def named(self, name: str) -> Any:
        bare = name.removesuffix(f"@{self.tenant.domain}")
        return self.rows().filter(operator__name=bare).first()

    def name_of(self, row: NotificationPreference) -> str:
        return row.operator.name

    def bring(self, entry: Mapping[str, Any]) -> Line:
        return single.bring_preference(self.run(), self.tenant, entry)

    def told(self, rows: Sequence[NotificationPreference]) -> list[Json]:
        return [{"id": row.pk, **telling.preference_entry(row)} for row in rows]


@resource("Webhook", "a webhook", "webhooks", withdraws=False)
class Webhooks(Configured):
    model = Webhook
    kind, key = "webhooks", "name"
    read_only = frozenset({"id", "disabled_because", "failing_since", "last_success"})
    parameters = {}
    filterset_class = filters.Webhooks
    queryset = Webhook.objects.none()

    def rows(self) -> QuerySet[Webhook]:
        return Webhook.objects.filter(tenant=self.tenant).select_related("tenant")

    def bring(self, entry: Mapping[str, Any]) -> Line:
        return single.bring_webhook(self.run(), self.tenant, entry)

    @acts("Message", "Send a test event")
    @action(detail=True, methods=["post"])
    def test(self, request: Request, id: str, **kwargs: Any) -> Response:
        row = self.required_row(id)
        if not row.enabled:
            raise Problem(409, "It is disabled: enable it first.")
        return Response(_message(courier.test_webhook(row, actor=self.caller.actor)))

    @tells_messages
    @action(detail=True, methods=["get"])
    def messages(self, request: Request, id: str, **kwargs: Any) -> Response:
        rows = Message.objects.filter(webhook=self.required_row(id))[:SHOWN]
        return Response({"results": [_message(row) for row in rows]})

    def told(self, rows: Sequence[Webhook]) -> list[Json]:
        return [
            {
                "id": row.pk,
                **telling.webhook_entry(row),
                "disabled_because": row.disabled_because,
                "failing_since": row.failing_since.isoformat() if row.failing_since else None,
                "last_success": row.last_success.isoformat() if row.last_success else None,
            }
            for row in rows
        ]


def _message(row: Message) -> Json:
    return {
        "id": row.pk,
        "about": row.about,
        "events": row.events,
        "state": row.state,
        "attempts": row.attempts,
        "status": row.status,
        "reason": row.reason,
        "not_before": row.not_before.isoformat(),
        "created": row.created.isoformat(),
        "finished": row.finished.isoformat() if row.finished else None,
        "exchange": row.exchange,
    }
