"""What the log tells of a change on its way: ids, outcomes and durations.

No names of people, no values and no texts of targets: those can hold personal data. They
are in the console, where who may read them is known. The ids here lead there.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import structlog
from structlog.contextvars import bind_contextvars, get_contextvars

from idp.models import OutboundConnector, Tenant
from provisioning.changes import Accepted, Change, Refused
from provisioning.models import Job, Outcome, State
from provisioning.parcels import Report

log = structlog.stdlib.get_logger(__name__)

LEVELS = {
    State.PENDING: logging.WARNING,
    State.FAILED: logging.WARNING,
    State.HELD: logging.WARNING,
}
"""Of the line about a job by the state it went to; the others are as they should be."""


def caller(tenant: Tenant, actor: str) -> None:
    """From here on every line of this request says who asks."""
    bind_contextvars(tenant=tenant.domain, actor=actor)


def accepted(change: Change, told: Accepted) -> None:
    if "request_id" in get_contextvars():
        # The request's end forgets it; what is no request has nobody who would.
        bind_contextvars(change_id=str(change.id))
    if not log.isEnabledFor(logging.INFO):
        return
    log.info(
        "change accepted",
        change_id=str(change.id),
        tenant=change.tenant.domain,
        actor=change.actor,
        door=str(change.door),
        action=str(change.action),
        entity_type=str(change.entity_type),
        entity_id=str(told.entity_id),
        changed=told.changed,
        job_ids=[str(one.job_id) for one in told.outcomes if one.job_id],
    )


def accepted_together(changes: Sequence[Change], answers: Sequence[Accepted | Refused]) -> None:
    """People by the thousand: a line for those who came in together."""
    took = [one for one in answers if isinstance(one, Accepted)]
    log.info(
        "changes accepted",
        tenant=changes[0].tenant.domain,
        actor=changes[0].actor,
        door=str(changes[0].door),
        accepted=len(took),
        refused=len(answers) - len(took),
        jobs=sum(outcome.job_id is not None for one in took for outcome in one.outcomes),
        first_change_id=str(changes[0].id),
        last_change_id=str(changes[-1].id),
    )


def settled(
    connector: OutboundConnector,
    reports: Sequence[Report],
    states: Iterable[tuple[Job, State]],
) -> None:
    """A line per job, once what became of it is committed."""
    provider = connector.provider
    reports_of = {report.parcel.job.pk: report for report in reports}
    for job, state in states:
        report = reports_of[job.pk]
        rehearsed = report.outcome is Outcome.DRY_RUN
        level = logging.INFO if rehearsed else LEVELS.get(state, logging.INFO)
        if not log.isEnabledFor(level):
            continue
        log.log(
            level,
            _told(state, rehearsed),
            job_id=str(job.pk),
            change_id=str(job.change_id),
            identity_provider=provider.name,
            connector=connector.type,
            operation=job.operation,
            entity_id=str(job.entity_id),
            state=state.value,
            outcome=report.outcome.value,
            attempt=job.attempts,
            duration_ms=report.duration_ms,
            **_why(report),
        )


def _told(state: State, rehearsed: bool) -> str:
    if rehearsed:
        return "rehearsed"
    return "delivered" if state is State.DONE else "not delivered"


def _why(report: Report) -> dict[str, object]:
    told: dict[str, object] = {}
    if report.trace_id:
        told["trace_id"] = report.trace_id
    if report.code:
        told["code"] = report.code
    if report.status:
        told["status"] = report.status
    if report.retry_after is not None:
        told["retry_after_seconds"] = report.retry_after
    return told


def quarantine(connector: OutboundConnector, report: Report, *, begins: bool) -> None:
    """`report` is the last of those that led to it."""
    names = {"identity_provider": connector.provider.name, "connector": connector.type}
    if begins:
        log.warning("connector quarantined", **names, **_why(report))
    else:
        log.info("connector is well again", **names)


@contextmanager
def quiet() -> Iterator[None]:
    """A command that reports tells what it did itself; the log adds what went wrong.

    `PURVEYOR_LOG_LEVEL` in the environment has the last word.
    """
    ours = logging.getLogger("provisioning")
    before = ours.level
    if "PURVEYOR_LOG_LEVEL" not in os.environ:
        ours.setLevel(max(before, logging.WARNING))
    try:
        yield
    finally:
        ours.setLevel(before)
