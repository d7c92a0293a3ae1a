"""One change: stored with its jobs in one transaction, blocking targets delivered after it."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from connectors import EntityType
from idp import bulk
from provisioning import (
    blocking,
    compensation,
    consequences,
    logbook,
    owed,
    passing,
    planning,
    routes,
    spanned,
    turns,
    wake,
    writes,
)
from provisioning.changes import Accepted, Change, Nowhere, TargetOutcome, event_of
from provisioning.heldback import Key
from provisioning.intake import recording
from provisioning.models import Job
from provisioning.outbox import enqueuing, superseding, withholding
from provisioning.outbox.orders import Order
from provisioning.places import Places
from provisioning.planning import Kind, Verdict
from provisioning.routes import Routes
from provisioning.writes import Written

Jobs = list[tuple[Job, Verdict]]


def accept(change: Change) -> Accepted:
    """Store a change and queue what follows from it, in one transaction.

    Blocking targets are delivered before this returns; the others when a worker gets to
    them. Must not be called inside a transaction. Raises the `Refused` tree
    (`provisioning.changes`): nothing was done then, except that `TargetRefused` undid it.
    """
    with spanned.accepting(change) as span:
        told = _accept(change)
        spanned.accepted(span, told)
    return told


def _accept(change: Change) -> Accepted:
    prepared = writes.prepare(change)
    ways = routes.of(change.service_provider)
    with blocking.slot(change, ways):
        accepted, written, jobs = turns.run(lambda again: _store(prepared, ways, again=again))
        logbook.accepted(change, accepted)
        if not any(job.blocking for job, _ in jobs):
            if jobs or written.deltas:
                wake.wake(job.connector_id for job, _ in jobs)
            return accepted
        outcomes = blocking.deliver(change, jobs)
    settled = _with(accepted, outcomes)
    compensation.refuse_if_wanted(change, written, settled, jobs, accept)
    return settled


def _store(
    prepared: writes.Prepared, ways: Routes, *, again: bool
) -> tuple[Accepted, Written, Jobs]:
    change = prepared.change
    now = timezone.now()
    with transaction.atomic(durable=True):
        if again:
            ways = routes.of(change.service_provider)
        written = writes.write(prepared, now)
        _check_way_out(change, written, ways)
        jobs: Jobs = []
        verdicts: list[Verdict] = []
        if written.changed:
            places: Places | None = {} if written.is_new else None
            with spanned.planning():
                verdicts = planning.plan(
                    written.subject, ways, change.door, places, event=event_of(change)
                )
            freed = withholding.remember([(written.subject, verdicts)])
            jobs = _queue(change, written, verdicts, freed)
            consequences.follow(change, written, ways)
            owed.owe(verdicts)
            if written.subject.passes and not written.subject.exists:
                passing.forget([written.subject.id])
            bulk.insert([recording.audit_event(change, written, verdicts)])
    return recording.accepted(change, written, verdicts, jobs), written, jobs


def _check_way_out(change: Change, written: Written, ways: Routes) -> None:
    """What is not stored here must have somewhere to go. Raises `Nowhere`."""
    if written.subject.passes and written.subject.exists and not ways.lead_somewhere:
        raise Nowhere(
            f"the service provider {change.service_provider} sends people onward without "
            "storing them (dumb mode), and none of its outbound rows leads to a connector "
            "that is enabled: there is nowhere to send this"
        )


def _queue(
    change: Change, written: Written, verdicts: Sequence[Verdict], freed: Collection[Key]
) -> Jobs:
    """The jobs for the entity itself."""
    waits = any(_blocks(change, verdict) for verdict in verdicts)
    later = timezone.now() + timedelta(seconds=blocking.DEADLINE + 5) if waits else None
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
            members=_members_for(verdict, written, members, freed),
            blocking=_blocks(change, verdict),
            start_at=later,
        )
        jobs.append((enqueuing.enqueue(order), verdict))
    if not written.subject.exists:
        superseding.drop_failed(change.tenant, written.subject.id)
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
    verdict: Verdict,
    written: Written,
    changed: list[tuple[uuid.UUID, bool]],
    freed: Collection[Key],
) -> list[tuple[uuid.UUID, bool]]:
    """What changed; for a group that is new at the target, or was held back, everyone."""
    if written.subject.type is not EntityType.GROUP:
        return []
    was_held_back = (written.subject.id, verdict.connector.pk) in freed
    if verdict.kind is Kind.CREATE or was_held_back:
        return consequences.everyone_there(written.subject, verdict)
    return changed


def _with(accepted: Accepted, outcomes: Sequence[TargetOutcome]) -> Accepted:
    """The accepted change with what blocking delivery found out."""
    told = {outcome.job_id: outcome for outcome in outcomes}
    merged = [told.get(outcome.job_id, outcome) for outcome in accepted.outcomes]
    return dataclasses.replace(accepted, outcomes=merged)
