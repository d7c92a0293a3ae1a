"""What an operator may do with jobs: retry or skip failed ones, release or reject held ones."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from idp.models import OutboundConnector, Tenant
from provisioning import audit, events, mapping, traces, wake
from provisioning.models import (
    GUARD,
    MISCONFIGURED,
    REHEARSED,
    REMOVES,
    SKIPPED,
    AuditEvent,
    Job,
    LinkState,
    MemberChange,
    ProvisionedEntity,
    State,
)

STALE = 0
"""A revision no connector has: the job is planned again before it is sent."""

AT_ONCE = 500
"""Jobs that are dealt with in one transaction."""


def retry(jobs: QuerySet[Job], *, actor: str) -> int:
    """Queue failed jobs again, planned anew; returns how many.

    One is left alone when something newer of its entity is done or on its way: a retry
    never undoes it.
    """
    failed = jobs.filter(state=State.FAILED)
    return sum(
        _queue_again(retryable(part), "job.retry", actor, released=False, edited=False)
        for part in in_parts(failed)
    )


def retry_misconfigured() -> int:
    """Queue again what failed because a claim mapping or a setting did not give what the
    target needs, once they have changed since; how many."""
    failed = Job.objects.filter(
        state=State.FAILED,
        reason_code=MISCONFIGURED,
        revision__lt=F("connector__revision"),
        connector__retired_at=None,
    )
    retried = 0
    while part := list(retryable(failed).values_list("pk", flat=True)[:AT_ONCE]):
        retried += retry(Job.objects.filter(pk__in=part), actor="engine")
    return retried


def release(jobs: QuerySet[Job], *, actor: str) -> int:
    """Let held jobs go on; an account that was found there may then be adopted.

    Not those that wait for the end of a dry run: there is nothing to decide about them.
    """
    return sum(
        _queue_again(decidable(part), "job.release", actor, released=True)
        for part in in_parts(decidable(jobs))
    )


def decidable(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Held ones that wait for a decision."""
    return jobs.filter(state=State.HELD).exclude(reason_code=REHEARSED)


def skip(jobs: QuerySet[Job], *, actor: str, reason: str = "") -> int:
    """Cancel failed jobs that nobody wants any more; returns how many.

    The next change of an entity sends everything again. What a request without an answer
    may have done, and the members a group's job should have changed, go with that one. The
    account of a skipped delete is left on purpose.
    """
    because = f"skipped by {actor}{f': {reason}' if reason else ''}"
    return sum(
        _skip(part, because, actor) for part in in_parts(jobs.filter(state=State.FAILED))
    )


def in_parts(jobs: QuerySet[Job]) -> Iterator[QuerySet[Job]]:
    """The jobs, oldest first, so many at a time: whatever there are, few are in memory.

    Each is met once, also when what is done to it leaves it among them.
    """
    ordered = jobs.order_by("position", "pk").values_list("position", "pk")
    part = list(ordered[:AT_ONCE])
    while part:
        yield Job.objects.filter(pk__in=[pk for _, pk in part])
        if len(part) < AT_ONCE:
            return
        position, pk = part[-1]
        rest = Q(position__gt=position) | Q(position=position, pk__gt=pk)
        part = list(ordered.filter(rest)[:AT_ONCE])


def _skip(jobs: QuerySet[Job], because: str, actor: str) -> int:
    now = timezone.now()
    with transaction.atomic():
        failed = _locked(jobs.filter(state=State.FAILED))
        Job.objects.filter(pk__in=[job.pk for job in failed]).update(
            state=State.CANCELLED,
            reason_code=SKIPPED,
            reason=because,
            sealed_password=None,
            finished=now,
            updated=now,
        )
        _leave(failed, now)
        _note(failed, "job.skip", actor, reason=because)
        _tell(failed, SKIPPED, because)
    return len(failed)


def reject(jobs: QuerySet[Job], *, actor: str, reason: str = "") -> int:
    """Cancel held jobs. The account of a rejected delete is left on purpose.

    Of a group's job the deletion guard holds, only the removals are dropped: members who
    stay here are not lost with them.
    """
    now = timezone.now()
    with transaction.atomic():
        held = _locked(decidable(jobs))
        going_on = _without_removals(held, now)
        cancelled = [job for job in held if job.pk not in going_on]
        Job.objects.filter(pk__in=[job.pk for job in cancelled]).update(
            state=State.CANCELLED,
            reason_code="rejected",
            reason=reason or f"rejected by {actor}",
            sealed_password=None,
            finished=now,
            updated=now,
        )
        _leave(cancelled, now)
        _note(held, "job.reject", actor)
        _tell(cancelled, "rejected", reason or f"rejected by {actor}")
    if held:
        # Later jobs of theirs may go on now.
        wake.wake(job.connector_id for job in held)
    return len(held)


def expire() -> int:
    """Reject what the deletion guard has held for as long as its connector says; how many."""
    expired = 0
    for connector in OutboundConnector.objects.filter(guard_expire_hours__gt=0):
        hours = connector.guard_expire_hours
        jobs = Job.objects.filter(
            connector=connector,
            state=State.HELD,
            reason_code=GUARD,
            updated__lt=timezone.now() - timedelta(hours=hours),
        )
        reason = f"expired: nobody decided about it within {hours} hours"
        for part in in_parts(jobs):
            expired += reject(part, actor="deletion guard", reason=reason)
    return expired


def _without_removals(held: Iterable[Job], now: datetime) -> set[uuid.UUID]:
    """Jobs of groups that go on without the members the deletion guard does not let out."""
    kept_in = MemberChange.objects.filter(
        job_id__in=[job.pk for job in held if job.reason_code == GUARD]
    )
    saying_more = kept_in.filter(Q(wanted=True) | Q(counted=True))
    renaming = {job.pk for job in held if job.reason_code == GUARD and job.frees_key}
    groups = set(kept_in.values_list("job_id", flat=True).distinct())
    going_on = set(saying_more.values_list("job_id", flat=True)) | (groups & renaming)
    kept_in.filter(job_id__in=going_on, wanted=False, counted=False).delete()
    Job.objects.filter(pk__in=going_on).update(
        state=State.PENDING,
        reason_code="",
        reason="",
        revision=STALE,
        not_before=now,
        updated=now,
    )
    return going_on


def _leave(jobs: Iterable[Job], now: datetime) -> None:
    by_connector: dict[uuid.UUID, list[uuid.UUID]] = {}
    for job in jobs:
        if job.operation in REMOVES:
            by_connector.setdefault(job.connector_id, []).append(job.entity_id)
    for connector_id, ids in by_connector.items():
        ProvisionedEntity.objects.filter(connector_id=connector_id, entity_id__in=ids).update(
            state=LinkState.LEFT, updated=now
        )


def retryable(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Failed ones that nothing newer of their entity stands against."""
    newer = Job.objects.filter(
        connector=OuterRef("connector"),
        entity_id=OuterRef("entity_id"),
        position__gt=OuterRef("position"),
        state__in=[State.PENDING, State.RUNNING, State.HELD, State.DONE],
    )
    return jobs.filter(~Exists(newer), state=State.FAILED)


def _queue_again(jobs: QuerySet[Job], action: str, actor: str, **fields: bool) -> int:
    now = timezone.now()
    with transaction.atomic():
        chosen = _locked(jobs)
        mended = [job for job in chosen if _mend(job)]
        guarded = [job.pk for job in chosen if job.reason_code == GUARD]
        MemberChange.objects.filter(job_id__in=guarded, wanted=False).update(counted=True)
        Job.objects.filter(pk__in=guarded).update(guarded=True)
        for connector in {job.connector for job in chosen}:
            ids = [job.pk for job in chosen if job.connector_id == connector.pk]
            Job.objects.filter(pk__in=ids).update(
                state=State.PENDING,
                reason_code="",
                reason="",
                signature="",
                found_id="",
                found_name="",
                revision=STALE,
                **fields,
                not_before=now,
                give_up_at=now + timedelta(hours=connector.retry_hours),
                finished=None,
                updated=now,
            )
        Job.objects.bulk_update(mended, ["sealed_payload", "sealed_password"], batch_size=500)
        _note(chosen, action, actor)
    if chosen:
        wake.wake(job.connector_id for job in chosen)
    return len(chosen)


def _tell(jobs: Iterable[Job], code: str, reason: str) -> None:
    by_tenant: dict[Tenant, list[Job]] = {}
    for job in jobs:
        by_tenant.setdefault(job.tenant, []).append(job)
    for tenant, theirs in by_tenant.items():
        events.of_alike(tenant, theirs, State.CANCELLED, code, reason)


def _mend(job: Job) -> bool:
    """Give up what no key opens: the job is planned anew from the store, without it."""
    lost_password = job.sealed_password is not None and job.known_password is None
    lost_payload = not job.known_payload
    if lost_password:
        job.password = None
    if lost_payload:
        job.payload = traces.of(job).into(mapping.nothing_known(job.entity_name))
    return lost_password or lost_payload


def _locked(jobs: QuerySet[Job]) -> list[Job]:
    return list(jobs.select_related("connector", "tenant").select_for_update(of=("self",)))


def _note(jobs: Iterable[Job], action: str, actor: str, **detail: str) -> None:
    AuditEvent.objects.bulk_create(
        audit.event(
            tenant=job.tenant,
            actor=actor,
            action=action,
            subject_type=job.entity_type,
            subject_id=job.entity_id,
            subject_name=job.entity_name,
            change_id=job.change_id,
            detail={"job": str(job.pk), **detail},
        )
        for job in jobs
    )
