"""Blocking targets: delivered after the commit and before the answer, within a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db.models import UUIDField
from django.utils import timezone

from idp import maintenance
from idp.models import OutboundConnector
from idp.prepared import Parameter, Prepared
from provisioning import queries, wake
from provisioning.changes import Busy, Change, Result, TargetOutcome
from provisioning.delivery import inline
from provisioning.models import Job, ProvisionedEntity, State
from provisioning.outbox.settling import Settled
from provisioning.planning import Verdict
from provisioning.routes import Routes

DEADLINE = 10.0
"""Seconds for all blocking targets of one change together."""

RESULTS = {State.DONE: Result.DONE, State.HELD: Result.HELD, State.CANCELLED: Result.SKIPPED}

_BLOCKING_PLACES = Prepared(
    lambda: (
        ProvisionedEntity.objects.filter(
            entity_id=Parameter("entity", UUIDField()), target__blocking=True
        )
        .order_by()
        .values_list("pk")[:1]
    )
)

_slots = threading.BoundedSemaphore(max(1, settings.PURVEYOR_WEB_THREADS // 2))


@contextmanager
def slot(change: Change, routes: Routes) -> Iterator[None]:
    """A place among the requests that may wait for a target, taken before anything is stored.

    At most half the request threads get one: a target that is ourselves must find threads
    free to answer. Raises `Busy`.
    """
    if not _may_block(change, routes):
        yield
        return
    if not _slots.acquire(blocking=False):
        raise Busy("too many requests are waiting for blocking targets; try again")
    try:
        yield
    finally:
        _slots.release()


def _may_block(change: Change, routes: Routes) -> bool:
    if routes.blocking or change.entity_id is None:
        return routes.blocking
    return _BLOCKING_PLACES.first(entity=change.entity_id) is not None


def deliver(change: Change, jobs: Sequence[tuple[Job, Verdict]]) -> list[TargetOutcome]:
    """Deliver the blocking jobs of a stored change, then let its other jobs start."""
    ends = time.monotonic() + DEADLINE
    outcomes = []
    try:
        for job, verdict in jobs:
            if job.blocking:
                outcomes.append(_deliver_one(job, verdict, ends))
    finally:
        Job.objects.filter(
            change_id=change.id, tenant=change.tenant, state=State.PENDING, attempts=0
        ).update(not_before=timezone.now())
        wake.wake(job.connector_id for job, _ in jobs)
    return outcomes


def _kept_back(connector: OutboundConnector) -> list[str]:
    """In words, when the target or its budget is why."""
    rows = OutboundConnector.objects.select_related("provider__tenant", "health", "spent")
    budget = queries.budget_of(rows.get(pk=connector.pk), 0)
    return budget.words() if budget.stops else []


def _deliver_one(job: Job, verdict: Verdict, ends: float) -> TargetOutcome:
    if job.state == State.CANCELLED:
        settled: Settled | None = Settled(job, State.CANCELLED, job.reason)
    else:
        settled = inline.deliver_entity(
            verdict.connector, job.entity_id, job.pk, lambda: ends - time.monotonic()
        )
    closed = maintenance.in_words(verdict.connector, timezone.now()) if settled is None else ""
    result, reason = Result.FAILED, "not delivered in time"
    if closed:
        reason = f"not deliverable in time: {closed}"
    if settled is None and (held := Job.objects.filter(pk=job.pk, state=State.HELD).first()):
        settled = Settled(held, State.HELD, held.reason)
    if settled is None:
        reason = " ".join([f"{reason}.", *_kept_back(verdict.connector)]).removesuffix(".")
    else:
        result, reason = RESULTS.get(settled.state, Result.FAILED), settled.reason
    return TargetOutcome(
        identity_provider=verdict.connector.provider.name,
        connector=verdict.connector.type,
        result=result,
        job_id=job.pk,
        reason=reason,
    )
