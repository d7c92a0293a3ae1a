"""Telling operators: one notification for each cause, however many jobs it concerns.

Raised in the transaction of its cause, by one statement that waits for nobody where the
cause is known already. It is closed when the cause is gone (`provisioning.watching`), and
only then may the same cause be told again. E-mails and events are the `courier`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone

from idp.models import Operator, OutboundConnector, Tenant
from provisioning.models import Cause, Notification, NotificationRead, Severity

WORST = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
KEPT = timedelta(days=90)
"""How long a notification outlives its cause."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is to be told. `key` names the cause among those of the tenant."""

    tenant: Tenant
    cause: Cause
    key: str
    severity: Severity
    title: str
    text: str
    link: str = ""
    connector: OutboundConnector | None = None
    count: int = 1
    data: dict[str, Any] = field(default_factory=dict)


def raise_alarms(alarms: Sequence[Alarm]) -> None:
    """Open a notification for each whose cause is not known yet. One statement, or none."""
    if not alarms:
        return
    now = timezone.now()
    # In one order for all: whoever raises the same at the same time waits, in no circle.
    ordered = sorted(alarms, key=lambda alarm: (str(alarm.tenant.pk), alarm.key))
    rows = [_row(alarm, now) for alarm in ordered]
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def _row(alarm: Alarm, now: datetime) -> Notification:
    return Notification(
        tenant=alarm.tenant,
        connector=alarm.connector,
        cause=alarm.cause,
        key=alarm.key[:255],
        severity=alarm.severity,
        title=alarm.title[:255],
        text=alarm.text,
        link=alarm.link,
        count=alarm.count,
        data=alarm.data,
        opened=now,
        seen=now,
    )


def resolve(rows: QuerySet[Notification]) -> int:
    """Their causes are gone; how many were open."""
    return rows.filter(resolved=None).update(resolved=timezone.now())


def open_in(tenant: Tenant) -> QuerySet[Notification]:
    return Notification.objects.filter(tenant=tenant, resolved=None)


def worst_in(tenant: Tenant, most: int) -> list[Notification]:
    """Open ones, the worst first, and of those the newest."""
    order = Case(*[When(severity=one, then=place) for place, one in enumerate(WORST)])
    return list(open_in(tenant).order_by(order, "-id")[:most])


def unread_by(operator: Operator, tenant: Tenant) -> QuerySet[Notification]:
    """Open ones the operator has not looked at."""
    read = NotificationRead.objects.filter(operator=operator).values("notification")
    return open_in(tenant).exclude(pk__in=read)


def mark_read(operator: Operator, rows: QuerySet[Notification]) -> None:
    NotificationRead.objects.bulk_create(
        [
            NotificationRead(operator=operator, notification_id=pk)
            for pk in rows.values_list("pk", flat=True)
        ],
        ignore_conflicts=True,
    )


def forget_old() -> None:
    """Those whose cause has been gone for long."""
    before = timezone.now() - KEPT
    Notification.objects.filter(Q(resolved__lt=before)).delete()


def address_of(link: str) -> str:
    """The whole address of a page, for whoever is not in the console."""
    return f"{settings.PURVEYOR_BASE_URL}{link}" if link else settings.PURVEYOR_BASE_URL
