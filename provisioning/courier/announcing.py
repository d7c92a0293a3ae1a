"""Notifications that are new, or over: e-mails to those who want them, and events.

Each is announced once: the row says so, in the transaction that writes what is to be sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from idp import bulk
from provisioning import events
from provisioning.courier.messages import to_operator
from provisioning.models import Cause, Message, Notification, NotificationPreference

AT_ONCE = 100

QUIET = timedelta(hours=24)
"""Jobs that fail in the same way again within this are not told by e-mail again."""


def announce() -> bool:
    """Whether there was something to announce."""
    rows = Notification.objects.order_by("id")
    begun = _announce(rows.filter(announced=None), over=False)
    ended = _announce(
        rows.filter(resolved__isnull=False, announced__isnull=False, announced_end=None),
        over=True,
    )
    return begun or ended


def _announce(news: QuerySet[Notification], *, over: bool) -> bool:
    if not news.exists():
        return False
    now = timezone.now()
    with transaction.atomic():
        locked = news.select_related("tenant").select_for_update(skip_locked=True, of=("self",))
        rows = list(locked[:AT_ONCE])
        bulk.insert(list(_mails(rows, over=over)))
        events.of_notifications(rows, events.RESOLVED if over else events.OPENED)
        column = "announced_end" if over else "announced"
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(**{column: now})
    return bool(rows)


def _mails(rows: Sequence[Notification], *, over: bool) -> Iterable[Message]:
    if not settings.PURVEYOR_SENDS_EMAIL or not rows:
        return
    wanted = NotificationPreference.objects.filter(
        operator__tenant__in={row.tenant_id for row in rows}, operator__is_active=True
    ).exclude(operator__email="")
    preferences = list(wanted.select_related("operator"))
    for row in rows:
        if not over and _told_lately(row):
            continue
        for preference in preferences:
            operator = preference.operator
            wants = row.severity in preference.severities and (preference.resolved or not over)
            if operator.tenant_id == row.tenant_id and wants:
                yield to_operator(operator, row, over=over)


def _told_lately(row: Notification) -> bool:
    if row.cause != Cause.DEAD_LETTERS:
        return False
    before = Notification.objects.filter(
        tenant=row.tenant, key=row.key, announced__gte=row.opened - QUIET
    )
    return before.exclude(pk=row.pk).exists()
