"""The one way in: every door builds a `Change` and calls `accept`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from connectors import EntityType
from idp.models import Group, IdentityProvider, Membership, User, key_of
from provisioning import audit, blocking, compensation, links, planning, subjects, wake, writes
from provisioning.changes import Accepted, Change, Result, TargetOutcome
from provisioning.models import Job, LinkState, ProvisionedEntity, State
from provisioning.outbox import enqueuing
from provisioning.planning import Kind, Verdict
from provisioning.subjects import Subject
from provisioning.writes import GroupDelta, Written


def accept(change: Change) -> Accepted:
    """Store a change and queue what follows from it, in one transaction.

    Blocking targets are delivered before this returns; the others when a worker gets to
    them. Must not be called inside a transaction. Raises the `Refused` tree
    (`provisioning.changes`): nothing was done then, except that `TargetRefused` undid it.
    """
    prepared = writes.prepare(change)
    with blocking.slot(change):
        accepted, written, jobs = _store(prepared)
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
            _owe(verdicts)
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
        order = enqueuing.Order(
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
    _queue_groups(change, written)
    _queue_role_holders(change, written.deltas)
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
        return everyone_there(written.subject, verdict)
    return changed


def everyone_there(subject: Subject, verdict: Verdict) -> list[tuple[uuid.UUID, bool]]:
    """The members of a group who are at a connector already; the others arrive later."""
    there = ProvisionedEntity.objects.filter(
        connector=verdict.connector, entity_type=EntityType.USER, state=LinkState.LINKED
    )
    rows = Membership.objects.filter(
        group_id=subject.id, user_id__in=there.values("entity_id")
    ).values_list("user_id", flat=True)
    return [(user, True) for user in rows.iterator(chunk_size=5_000)]


def _queue_groups(change: Change, written: Written) -> None:
    """Memberships that changed with a user: groups joined, and groups a deleted user left."""
    if written.subject.type is not EntityType.USER:
        return
    for one in written.deltas:
        subject = subjects.of_group(one.group)
        rows = [(user, True) for user in one.delta.added]
        _queue_members(change, subject, rows)
    if not written.left_groups:
        return
    groups = Group.objects.filter(pk__in=written.left_groups)
    for group in groups.select_related("store", "tenant").order_by("pk"):
        row = (written.subject.id, False)
        _queue_members(change, subjects.of_group(group), [row], only_kept=True)


def _queue_members(
    change: Change,
    subject: Subject,
    rows: list[tuple[uuid.UUID, bool]],
    *,
    only_kept: bool = False,
) -> None:
    """A group job per connector. `only_kept`: where removed accounts, and so their
    memberships, stay; elsewhere the target drops them with the account."""
    for verdict in planning.plan(subject, change.service_provider, change.door):
        if verdict.kind not in (Kind.CREATE, Kind.UPDATE):
            continue
        if only_kept and (
            verdict.kind is Kind.CREATE or not links.keeps_accounts(verdict.connector)
        ):
            continue
        everyone = verdict.kind is Kind.CREATE
        enqueuing.enqueue(
            enqueuing.Order(
                subject=subject,
                verdict=verdict,
                change_id=change.id,
                door=change.door,
                members=everyone_there(subject, verdict) if everyone else rows,
            )
        )


def _queue_role_holders(change: Change, deltas: Sequence[GroupDelta]) -> None:
    """People who gained or lost a role that an identity provider provisions by."""
    listed = _listed_roles(change)
    for one in deltas:
        if key_of(one.group.full_name) not in listed:
            continue
        ids = {*one.delta.added, *one.delta.removed}
        ids.discard(change.entity_id or uuid.UUID(int=0))
        people = User.objects.filter(pk__in=ids).select_related("store", "tenant")
        for user in people.iterator(chunk_size=500):
            _queue_holder(change, subjects.of_user(user))


def _queue_holder(change: Change, subject: Subject) -> None:
    for verdict in planning.plan(subject, change.service_provider, change.door):
        if verdict.kind in (Kind.CREATE, Kind.WITHDRAW):
            enqueuing.enqueue(
                enqueuing.Order(
                    subject=subject, verdict=verdict, change_id=change.id, door=change.door
                )
            )
        elif verdict.kind is Kind.OWE:
            _owe([verdict])


def _listed_roles(change: Change) -> set[str]:
    lists = IdentityProvider.objects.filter(tenant=change.tenant).exclude(provisioning_roles=[])
    return {
        key_of(role)
        for roles in lists.values_list("provisioning_roles", flat=True)
        for role in roles
    }


def _owe(verdicts: Sequence[Verdict]) -> None:
    """A removal for a disabled connector is kept until it is enabled and approved."""
    owed = [
        v.place.link.pk for v in verdicts if v.kind is Kind.OWE and v.place and v.place.link
    ]
    if owed:
        ProvisionedEntity.objects.filter(pk__in=owed).update(
            owed="delete", updated=timezone.now()
        )


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
