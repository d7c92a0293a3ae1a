"""What waits at connectors: quarantine, the deletion guard, owed removals, dead letters."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count, QuerySet
from django.utils import timezone

from idp.models import OutboundConnector
from provisioning import alarms
from provisioning.models import (
    GUARD,
    Cause,
    ConnectorHealth,
    Job,
    Notification,
    ProvisionedEntity,
    State,
    Webhook,
)
from provisioning.notifications import raise_alarms, resolve

Counts = Mapping[uuid.UUID, int]


def look_at_connectors() -> None:
    connectors = OutboundConnector.objects.filter(
        retired_at=None, provider__retired_at=None
    ).select_related("provider__tenant")
    there = {one.pk: one for one in connectors.defer("sealed_settings")}
    _quarantined(there)
    _guarded(there)
    _owed(there)
    _dead_letters(there)
    _webhooks()


def _quarantined(there: Mapping[uuid.UUID, OutboundConnector]) -> None:
    rows = ConnectorHealth.objects.filter(connector__in=there, quarantined_at__isnull=False)
    found = dict(rows.values_list("connector_id", "quarantine_reason"))
    known = _bring_up_to_date(Cause.QUARANTINE, dict.fromkeys(found, 1))
    for pk in found.keys() - known:
        alarms.quarantined(there[pk], found[pk], None)


def _guarded(there: Mapping[uuid.UUID, OutboundConnector]) -> None:
    held = Job.objects.filter(connector__in=there, state=State.HELD, reason_code=GUARD)
    found = _counted(held)
    known = _bring_up_to_date(Cause.GUARD, found)
    for pk in found.keys() - known:
        jobs = held.filter(connector=pk).defer("sealed_payload", "sealed_password")
        some = list(jobs.order_by("position")[: alarms.ASKED])
        if some:
            alarms.guard_holds(there[pk], some, some[0].reason)


def _owed(there: Mapping[uuid.UUID, OutboundConnector]) -> None:
    found = _counted(ProvisionedEntity.objects.filter(connector__in=there).exclude(owed=""))
    known = _bring_up_to_date(Cause.OWED, found)
    raise_alarms([alarms.owed(there[pk], found[pk]) for pk in found.keys() - known])


def _dead_letters(there: Mapping[uuid.UUID, OutboundConnector]) -> None:
    """Over when nothing has failed any more that has its signature."""
    rows = list(Notification.objects.filter(cause=Cause.DEAD_LETTERS, resolved=None))
    if not rows:
        return
    failed = Job.objects.filter(
        tenant__in={row.tenant_id for row in rows},
        signature__in={row.data.get("signature", "") for row in rows},
        connector__in={row.connector_id for row in rows} & there.keys(),
        is_failed=True,
    )
    grouped = failed.order_by().values_list("connector_id", "signature")
    left = {(pk, name): n for pk, name, n in grouped.annotate(n=Count("*"))}
    _count([(row, left.get((row.connector_id, row.data.get("signature")), 0)) for row in rows])


def _webhooks() -> None:
    rows = Notification.objects.filter(cause=Cause.WEBHOOK, resolved=None)
    down = {
        str(pk) for pk in Webhook.objects.filter(enabled=False).values_list("pk", flat=True)
    }
    _close([row for row in rows if row.data.get("webhook") not in down])


def _counted(rows: QuerySet[Job] | QuerySet[ProvisionedEntity]) -> Counts:
    return dict(rows.order_by().values_list("connector_id").annotate(n=Count("*")))


def _bring_up_to_date(cause: Cause, found: Counts) -> set[uuid.UUID]:
    """Tell the open notifications of that cause how many there are, and close those there
    are none for; the connectors that are known to have it."""
    rows = list(Notification.objects.filter(cause=cause, resolved=None))
    _count([(row, found.get(row.connector_id, 0) if row.connector_id else 0) for row in rows])
    return {row.connector_id for row in rows if row.connector_id in found}  # type: ignore[misc]  # not None


def _count(rows: Sequence[tuple[Notification, int]]) -> None:
    """How many there are by now; over where there is none."""
    now, moved = timezone.now(), []
    for row, count in rows:
        if count and count != row.count:
            row.seen = now if count > row.count else row.seen
            row.count = count
            moved.append(row)
    Notification.objects.bulk_update(moved, ["count", "seen"], batch_size=500)
    _close([row for row, count in rows if not count])


def _close(rows: Iterable[Notification]) -> None:
    if ids := [row.pk for row in rows]:
        resolve(Notification.objects.filter(pk__in=ids))
