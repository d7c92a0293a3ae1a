"""Leasing due jobs to a worker, in batches, each entity's oldest first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from idp.models import OutboundConnector, new_id
from provisioning import budgets, traces
from provisioning.budgets import seats
from provisioning.models import REHEARSED, ConnectorHealth, Job, State
from provisioning.outbox import comings_and_goings, gating, guarding, picking

LEASE = timedelta(seconds=60)
"""Longer than the HTTP timeout; renewed while a worker lives."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Jobs leased under one token; another token means the lease was lost.

    Each took `prepaid` requests from the connector's budget; `again` is when there will be
    more, if that is why there are not more jobs. `granted`: how many may be under way at a
    time, for who asked for seats and might have sent.
    """

    token: uuid.UUID
    until: datetime
    jobs: tuple[Job, ...]
    prepaid: float = 0.0
    again: datetime | None = None
    granted: int | None = None


def workable(now: datetime) -> QuerySet[OutboundConnector]:
    """Connectors that may send now and have something due: a few index look-ups each.

    Whether it is time for maintenance is not asked here (`gating.open_at`).
    """
    jobs = Job.objects.filter(connector=OuterRef("pk"))
    due = Exists(jobs.filter(state=State.PENDING, not_before__lte=now))
    abandoned = Exists(jobs.filter(state=State.RUNNING, lease_until__lt=now))
    return sendable(now).filter(due | abandoned | gating.rehearsed_and_active())


def sendable(now: datetime) -> QuerySet[OutboundConnector]:
    """Enabled, not paused, not asked to wait, and not in quarantine without a probe due."""
    waiting = Q(health__paused_until__gt=now) | Q(
        health__quarantined_at__isnull=False,
        health__probe_at__gt=now,
        health__revision=F("revision"),
    )
    return OutboundConnector.objects.filter(
        enabled=True,
        retired_at=None,
        mode__in=gating.WORKING,
        provider__enabled=True,
        provider__retired_at=None,
    ).exclude(waiting)


def claim(
    connector: OutboundConnector,
    limit: int,
    *,
    entity_id: uuid.UUID | None = None,
    early: uuid.UUID | None = None,
    token: uuid.UUID | None = None,
    asking: seats.Asking | None = None,
) -> Claim:
    """Lease up to `limit` due jobs of a connector (one while it is in quarantine, and no
    more than its budget allows).

    `entity_id` asks for that entity's only, for somebody who waits: on credit, if need be;
    the job `early` is taken before it is due. Who brings a `token` of their own can hand
    back what they never heard they had got. `asking`: for seats as well; nothing is leased
    without one.

    A job whose lease ran out is taken again as *maybe sent*: its worker may have died
    between the request and our note of the answer.
    """
    now = timezone.now()
    token, until = token or new_id(), now + LEASE
    with transaction.atomic():
        stored = gating.locked(connector)
        if stored is None or not gating.lets_pass(connector, stored, now):
            return Claim(token, until, ())
        granted: int | None = None
        if asking is not None:
            granted = seats.take(connector, _width(stored, now), asking, now).granted
            if not granted:
                return Claim(token, until, (), granted=granted)
        gating.take_back(connector, now, entity_id)
        allowance = budgets.allowed(connector, stored, limit, urgent=entity_id is not None)
        jobs: list[Job] = []
        if limit := allowance.jobs:
            if _in_quarantine(connector, now):
                limit = 1
            jobs = _take(connector, now, limit, entity_id, early)
            jobs = comings_and_goings.apart(jobs)
            gating.give_back_time(connector, jobs, now)
            _lease(jobs, token, until, now, gating.mark(connector))
        allowance.take(jobs)
    return Claim(token, until, tuple(jobs), allowance.prepaid, allowance.again, granted)


def sit(connector: OutboundConnector, asking: seats.Asking) -> int:
    """Ask for seats and no jobs: how many may be under way at a time."""
    now = timezone.now()
    with transaction.atomic():
        stored = gating.locked(connector)
        if stored is None:
            return 0
        return seats.take(connector, _width(stored, now), asking, now).granted


def _width(stored: OutboundConnector, now: datetime) -> int:
    return budgets.in_force(stored, budgets.row_of(stored), now).width


def _take(
    connector: OutboundConnector,
    now: datetime,
    limit: int,
    entity_id: uuid.UUID | None,
    early: uuid.UUID | None,
) -> list[Job]:
    """Jobs that the deletion guard lets pass; those it holds make room for others."""
    while True:
        picked = picking.pick(connector, now, limit, entity_id, early)
        passed = guarding.passed(connector, picked, now)
        if passed or not picked:
            return passed


def _in_quarantine(connector: OutboundConnector, now: datetime) -> bool:
    """Take the probe, so that one worker sends it."""
    health = ConnectorHealth.objects.filter(connector=connector, quarantined_at__isnull=False)
    return bool(health.update(probe_at=now + LEASE, revision=connector.revision))


def due_since(connector: OutboundConnector) -> datetime | None:
    """Since when the first job that a worker could take is due; None when there is none."""
    due = picking.due_jobs(connector, timezone.now())
    return due.values_list("not_before", flat=True).first()


def _lease(
    jobs: list[Job], token: uuid.UUID, until: datetime, now: datetime, mark: str
) -> None:
    # Nothing was sent of what was only being rehearsed.
    real = [job for job in jobs if job.state == State.RUNNING and job.reason_code != REHEARSED]
    abandoned = [job.pk for job in real]
    leased = {
        "state": State.RUNNING,
        "lease_token": token,
        "lease_until": until,
        "updated": now,
        "attempts": F("attempts") + 1,
    }
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(**leased)
    other = [job for job in jobs if (job.reason_code == REHEARSED) != (mark == REHEARSED)]
    Job.objects.filter(pk__in=[job.pk for job in other]).update(reason_code=mark)
    for job in other:
        job.reason_code = mark
    for job in jobs:
        if job.pk in abandoned:
            job.maybe_sent = True
            if job.known_payload:
                job.payload = traces.with_own(job)
            job.save(update_fields=["maybe_sent", "sealed_payload"])
        job.state, job.lease_token, job.lease_until = State.RUNNING, token, until
        job.attempts += 1


def renew(token: uuid.UUID, ids: list[uuid.UUID]) -> datetime:
    """Hold a lease longer; jobs lost to another worker stay lost."""
    until = timezone.now() + LEASE
    Job.objects.filter(pk__in=ids, lease_token=token, state=State.RUNNING).update(
        lease_until=until
    )
    return until


def hand_back(
    token: uuid.UUID,
    ids: list[uuid.UUID] | None = None,
    *,
    connector: OutboundConnector | None = None,
    prepaid: float = 0.0,
) -> None:
    """Give back jobs that were leased and never started: these, or all under the token; and
    to the connector's budget what each took from it."""
    leased = Job.objects.filter(lease_token=token, state=State.RUNNING)
    if ids is not None:
        leased = leased.filter(pk__in=ids)
    given = leased.update(
        state=State.PENDING,
        lease_token=None,
        lease_until=None,
        attempts=F("attempts") - 1,
        updated=timezone.now(),
    )
    if connector is not None and prepaid and given:
        budgets.give_back(connector, given * prepaid)
