"""Whether a connector sends just now, as its mode and its maintenance windows say: asked
under its lock, with its row as it is then. Whatever was read before may be out of date."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, UUIDField

from idp import bulk_update, maintenance
from idp.models import Mode, OutboundConnector
from idp.prepared import Parameter, Prepared
from provisioning import budgets
from provisioning.models import REHEARSED, Job, State

WORKING = (Mode.ACTIVE, Mode.DRY_RUN)
"""Modes in which jobs are taken: to be sent, or to be rehearsed."""

STALE = 0
"""A revision no connector has: the job is planned again before it is sent."""

AT_ONCE = 1_000
"""Rehearsed jobs that are queued again in one transaction."""


_LOCKING = Prepared(
    lambda: (
        OutboundConnector.objects.filter(pk=Parameter("connector", UUIDField()))
        .select_related("spent")
        .select_for_update(no_key=True, of=("self",))
        .only("mode", "maintenance_windows", *budgets.COLUMNS, "spent__connector")
    )
)


def locked(connector: OutboundConnector) -> OutboundConnector | None:
    """Take the connector's lock; its mode, windows and budget as they are stored.

    Two claims at one connector would not see what the other is about to take.
    """
    return _LOCKING.first(connector=connector.pk)


def lets_pass(connector: OutboundConnector, stored: OutboundConnector, now: datetime) -> bool:
    """Whether the connector still is what the caller thinks it is, and open."""
    if stored.mode != connector.mode or stored.mode not in WORKING:
        return False
    connector.maintenance_windows = stored.maintenance_windows
    return maintenance.over_at(connector, now) is None


def open_at(
    connectors: Iterable[OutboundConnector], now: datetime
) -> tuple[list[OutboundConnector], datetime | None]:
    """Those that are not in maintenance, and when the first of the others is not any more."""
    ends = [(connector, maintenance.over_at(connector, now)) for connector in connectors]
    closed = [end for _, end in ends if end is not None]
    return [connector for connector, end in ends if end is None], min(closed, default=None)


def seconds_open(connector: OutboundConnector, now: datetime) -> float:
    """How long it may send before its next maintenance begins; infinite if none is near."""
    rows = connector.maintenance_windows
    if not rows:
        return math.inf
    start = maintenance.next_start(rows, connector.provider.tenant.zone, now)
    return math.inf if start is None else (start - now).total_seconds()


def give_back_time(connector: OutboundConnector, jobs: Sequence[Job], now: datetime) -> None:
    """What waited while its target was in maintenance is tried as much longer before it is
    given up."""
    rows = connector.maintenance_windows
    span = maintenance.last(rows, connector.provider.tenant.zone, now) if rows else None
    if span is None:
        return
    began, ended = span
    waited = [job for job in jobs if job.not_before <= ended and job.created < ended]
    for job in waited:
        job.give_up_at += ended - max(began, job.created)
    bulk_update.update(waited, ("give_up_at",))


def mark(connector: OutboundConnector) -> str:
    """The reason code of jobs that are leased now, where they are leased to be rehearsed."""
    return REHEARSED if connector.mode == Mode.DRY_RUN else ""


def rehearsed_and_active() -> Q:
    """For a query of connectors: the dry run is over, and what was rehearsed has yet to go."""
    waiting = Job.objects.filter(
        connector=OuterRef("pk"), state=State.HELD, reason_code=REHEARSED
    )
    return Q(Exists(waiting), mode=Mode.ACTIVE)


def take_back(
    connector: OutboundConnector, now: datetime, entity_id: uuid.UUID | None = None
) -> None:
    """Queue again what was rehearsed and nothing more, oldest first, to be planned anew.

    Here and not where the mode is changed: whatever changes it, and whatever is being
    rehearsed meanwhile, nobody is forgotten.
    """
    if connector.mode != Mode.ACTIVE:
        return
    jobs = Job.objects.filter(connector=connector, state=State.HELD, reason_code=REHEARSED)
    if entity_id is not None:
        jobs = jobs.filter(entity_id=entity_id)
    ids = list(jobs.order_by("position").values_list("pk", flat=True)[:AT_ONCE])
    if ids:
        Job.objects.filter(pk__in=ids, state=State.HELD).update(
            state=State.PENDING,
            reason_code="",
            reason="",
            revision=STALE,
            not_before=now,
            give_up_at=now + timedelta(hours=connector.retry_hours),
            updated=now,
        )
