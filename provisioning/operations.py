"""What an operator may do with jobs: retry, release, reject, and send what is owed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from provisioning import audit, wake
from provisioning.models import REMOVES, AuditEvent, Job, LinkState, ProvisionedEntity, State

STALE = 0
"""A revision no connector has: the job is planned again before it is sent."""


def retry(jobs: QuerySet[Job], *, actor: str) -> int:
    """Queue failed jobs again, planned anew; returns how many.

    One is left alone when something newer of its entity is done or on its way: a retry
    never undoes it.
    """
    return _queue_again(_retryable(jobs), "job.retry", actor, released=False)


def release(jobs: QuerySet[Job], *, actor: str) -> int:
    """Let held jobs go on; an account that was found there may then be adopted."""
    return _queue_again(jobs.filter(state=State.HELD), "job.release", actor, released=True)


def reject(jobs: QuerySet[Job], *, actor: str) -> int:
    """Cancel held jobs. The account of a rejected delete is left on purpose."""
    now = timezone.now()
    with transaction.atomic():
        held = list(
            jobs.filter(state=State.HELD)
            .select_related("tenant")
            .select_for_update(of=("self",))
        )
        Job.objects.filter(pk__in=[job.pk for job in held]).update(
            state=State.CANCELLED,
            reason_code="rejected",
            reason=f"rejected by {actor}",
            sealed_password=None,
            finished=now,
            updated=now,
        )
        for job in held:
            if job.operation in REMOVES:
                ProvisionedEntity.objects.filter(
                    connector_id=job.connector_id, entity_id=job.entity_id
                ).update(state=LinkState.LEFT, updated=now)
        _note(held, "job.reject", actor)
    if held:
        # Later jobs of theirs may go on now.
        wake.wake(job.connector_id for job in held)
    return len(held)


def _retryable(jobs: QuerySet[Job]) -> QuerySet[Job]:
    newer = Job.objects.filter(
        connector=OuterRef("connector"),
        entity_id=OuterRef("entity_id"),
        position__gt=OuterRef("position"),
        state__in=[State.PENDING, State.RUNNING, State.HELD, State.DONE],
    )
    return jobs.filter(~Exists(newer), state=State.FAILED)


def _queue_again(jobs: QuerySet[Job], action: str, actor: str, *, released: bool) -> int:
    now = timezone.now()
    with transaction.atomic():
        chosen = list(
            jobs.select_related("connector", "tenant").select_for_update(of=("self",))
        )
        for job in chosen:
            job.guarded = job.guarded or released
            job.give_up_at = now + timedelta(hours=job.connector.retry_hours)
        Job.objects.filter(pk__in=[job.pk for job in chosen]).update(
            state=State.PENDING,
            reason_code="",
            reason="",
            revision=STALE,
            released=released,
            not_before=now,
            finished=None,
            updated=now,
        )
        Job.objects.bulk_update(chosen, ["give_up_at", "guarded"], batch_size=500)
        _note(chosen, action, actor)
    if chosen:
        wake.wake(job.connector_id for job in chosen)
    return len(chosen)


def _note(jobs: Iterable[Job], action: str, actor: str) -> None:
    AuditEvent.objects.bulk_create(
        audit.event(
            tenant=job.tenant,
            actor=actor,
            action=action,
            subject_type=job.entity_type,
            subject_id=job.entity_id,
            subject_name=job.entity_name,
            change_id=job.change_id,
            detail={"job": str(job.pk)},
        )
        for job in jobs
    )
