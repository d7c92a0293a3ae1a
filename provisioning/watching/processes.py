"""Whether everything that should run does: periodic work, and workers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from idp.models import ROOT, Tenant
from provisioning import alarms
from provisioning.models import Cause, Notification, Tick
from provisioning.notifications import Alarm, raise_alarms, resolve
from provisioning.outbox import claiming
from provisioning.ticks import Task

LATE = timedelta(minutes=15)
"""Periodic work that has been due for so long does not get done."""
WATCH = "watch"
"""The periodic task that looks."""
ABSENT = timedelta(minutes=5)
"""So long after its last sign of life a worker is missed."""


def _alive() -> None:
    """That it ran is all."""


HEARTBEAT = Task("deliver", timedelta(seconds=30), _alive)
"""Run by workers only: its row says when the last one was there."""


def look_at_processes(names: Iterable[str]) -> None:
    """`names` are those of the periodic tasks. Told in the root tenant: they are common."""
    now = timezone.now()
    root = Tenant.objects.get(domain=ROOT)
    found = _late(root, set(names), now) + _missing(root, now)
    causes = (Cause.TICK, Cause.WORKER)
    gone = Notification.objects.filter(tenant=root, cause__in=causes)
    resolve(gone.exclude(key__in={alarm.key for alarm in found}))
    raise_alarms(found)


def silent_since() -> datetime | None:
    """Since when nobody has looked at all this; None when somebody has lately. No alarm
    tells that nobody is there, so pages ask."""
    due = Tick.objects.filter(name=WATCH).values_list("due", flat=True).first()
    return due if due is not None and timezone.now() - due > LATE else None


def _late(root: Tenant, names: set[str], now: datetime) -> list[Alarm]:
    rows = Tick.objects.filter(name__in=names, due__lt=now - LATE)
    return [alarms.tick_overdue(root, row.name, row.due) for row in rows]


def _missing(root: Tenant, now: datetime) -> list[Alarm]:
    """While nothing waits nobody is missed."""
    last = Tick.objects.filter(name=HEARTBEAT.name).values_list("due", flat=True).first()
    if last is None or last > now - ABSENT or not claiming.workable(now).exists():
        return []
    return [alarms.worker_missing(root, last - HEARTBEAT.every)]
