"""The one way in: every door builds a `Change` and calls `accept`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from connectors import EntityType
from provisioning import (
    audit,
    blocking,
    compensation,
    consequences,
    owed,
    planning,
    turns,
    wake,
    writes,
)
from provisioning.changes import Accepted, Change, Result, TargetOutcome
from provisioning.models import Job, State
from provisioning.outbox import enqueuing, superseding
from provisioning.outbox.orders import Order
from provisioning.planning import Kind, Verdict
from provisioning.writes import Written


def accept(change: Change) -> Accepted:
    """Store a change and queue what follows from it, in one transaction.

    Blocking targets are delivered before this returns; the others when a worker gets to
    them. Must not be called inside a transaction. Raises the `Refused` tree
    (`provisioning.changes`): nothing was done then, except that `TargetRefused` undid it.
    """
    prepared = writes.prepare(change)
    with blocking.slot(change):
        accepted, written, jobs = turns.run(lambda: _store(prepared))
        if not any(job.blocking for job, _ in jobs):
            if jobs:
                wake.wake()
            return accepted
        outcomes = blocking.deliver(change, jobs)
    settled = _with(accepted, outcomes)
    compensation.refuse_if_wanted(change, written, settled, jobs, accept)
    return settled


def _store(
    prepared: writes.Prepared,
) -> tuple[Accepted, Written, list[tuple[Job, Verdict]]]:
    change = prepared.change
    now = timezone.now()
    with transaction.atomic(durable=True):
        written = writes.write(prepared, now)
        jobs: list[tuple[Job, Verdict]] = []
        verdicts: list[Verdict] = []
        if written.changed:
            verdicts = planning.plan(written.subject, change.service_provider, change.door)
            jobs = _queue(change, written, verdicts, now)
            owed.owe(verdicts)
        _record(change, written, verdicts)
    accepted = Accepted(
        change_id=change.id,
        entity_id=written.subject.id,
        entity=written.entity,
        changed=written.changed,
        outcomes=_outcomes(verdicts, jobs),
    )
    return accepted, written, jobs


def _queue(
    change: Change, written: Written, verdicts: Sequence[Verdict], now: datetime
) -> list[tuple[Job, Verdict]]:
    """Jobs for the entity itself, then for the groups and people that follow from it."""
    waits = any(_blocks(change, verdict) for verdict in verdicts)
    later = now + timedelta(seconds=blocking.DEADLINE + 5) if waits else None
    members = _member_rows(written)
    jobs = []
    for verdict in verdicts:
        if verdict.kind not in planning.SENDS:
            continue
        order = Order(
            subject=written.subject,
            verdict=verdict,
            change_id=change.id,
            door=change.door,
            password=change.user.password if change.user else None,
            members=_members_for(verdict, written, members),
            blocking=_blocks(change, verdict),
            start_at=later,
        )
        jobs.append((enqueuing.enqueue(order), verdict))
    if not written.subject.exists:
        superseding.drop_failed(written.subject.id)
    consequences.queue_groups(change, written)
    consequences.queue_role_holders(change, written.deltas)
    return jobs


def _blocks(change: Change, verdict: Verdict) -> bool:
    row = verdict.row
    sends = verdict.kind in planning.SENDS
    return bool(row and row.blocking and sends and not compensation.is_compensating(change))


def _member_rows(written: Written) -> list[tuple[uuid.UUID, bool]]:
    if written.subject.type is not EntityType.GROUP:
        return []
    rows = [(user, True) for one in written.deltas for user in one.delta.added]
    return rows + [(user, False) for one in written.deltas for user in one.delta.removed]


def _members_for(
    verdict: Verdict, written: Written, changed: list[tuple[uuid.UUID, bool]]
) -> list[tuple[uuid.UUID, bool]]:
    """What changed; for a group that is new at the target, its members who are there."""
    if written.subject.type is not EntityType.GROUP:
        return []
    if verdict.kind is Kind.CREATE:
        return consequences.everyone_there(written.subject, verdict)
    return changed


def _record(change: Change, written: Written, verdicts: Sequence[Verdict]) -> None:
    if not written.changed:
        return
    told = [
        {
            "identity_provider": verdict.connector.provider.name,
            "connector": verdict.connector.type,
            "verdict": verdict.kind,
            "reason": verdict.reason,
        }
        for verdict in verdicts
    ]
    detail: dict[str, object] = {"targets": told}
    if written.attributes:
        detail["attributes"] = list(written.attributes)
    if written.deltas:
        detail["members_added"] = sum(len(one.delta.added) for one in written.deltas)
        detail["members_removed"] = sum(len(one.delta.removed) for one in written.deltas)
    audit.record(
        tenant=change.tenant,
        actor=change.actor,
        action=f"{change.entity_type}.{change.action}",
        subject_type=change.entity_type,
        subject_id=written.subject.id,
        subject_name=written.subject.name,
        door=change.door,
        service_provider=str(change.service_provider),
        change_id=change.id,
        detail=detail,
    )


def _outcomes(
    verdicts: Sequence[Verdict], jobs: Sequence[tuple[Job, Verdict]]
) -> list[TargetOutcome]:
    queued = {id(verdict): job for job, verdict in jobs}
    return [_outcome(verdict, queued.get(id(verdict))) for verdict in verdicts]


def _outcome(verdict: Verdict, job: Job | None) -> TargetOutcome:
    result, reason = Result.SKIPPED, verdict.reason
    if verdict.kind is Kind.OWE:
        result = Result.HELD
    elif job is not None and job.state == State.CANCELLED:
        reason = job.reason
    elif job is not None:
        result = Result.QUEUED
    return TargetOutcome(
        identity_provider=verdict.connector.provider.name,
        connector=verdict.connector.type,
        result=result,
        job_id=job.pk if job else None,
        reason=reason,
    )


def _with(accepted: Accepted, outcomes: Sequence[TargetOutcome]) -> Accepted:
    """The accepted change with what blocking delivery found out."""
    told = {outcome.job_id: outcome for outcome in outcomes}
    merged = [told.get(outcome.job_id, outcome) for outcome in accepted.outcomes]
    return Accepted(
        change_id=accepted.change_id,
        entity_id=accepted.entity_id,
        entity=accepted.entity,
        changed=accepted.changed,
        outcomes=merged,
    )
