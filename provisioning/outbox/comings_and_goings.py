"""A person's account is not removed while a group takes them in, nor the other way round.

Both requests at once could leave a membership at the target whose account is gone.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from connectors import EntityType
from provisioning.models import REMOVES, Job, MemberChange, State


def not_at_once() -> Q:
    """For a query of jobs: nothing under way takes in whom this one removes, or removes
    whom this one takes in."""
    taking_in = MemberChange.objects.filter(
        member_id=OuterRef("entity_id"),
        wanted=True,
        job__connector=OuterRef("connector"),
        job__state=State.RUNNING,
    )
    removing = Job.objects.filter(
        connector=OuterRef("job__connector"),
        entity_id=OuterRef("member_id"),
        is_open=True,
        state=State.RUNNING,
        operation__in=REMOVES,
    )
    leaving = MemberChange.objects.filter(Exists(removing), job=OuterRef("pk"), wanted=True)
    removal = Q(operation__in=REMOVES, entity_type=EntityType.USER)
    group = Q(entity_type=EntityType.GROUP)
    return ~(removal & Exists(taking_in)) & ~(group & Exists(leaving))


def apart(jobs: Sequence[Job]) -> list[Job]:
    """The jobs of one batch, without groups that take in whom the batch removes."""
    removed = [
        job.entity_id
        for job in jobs
        if job.entity_type == EntityType.USER and job.operation in REMOVES
    ]
    groups = [job.pk for job in jobs if job.entity_type == EntityType.GROUP]
    if not (removed and groups):
        return list(jobs)
    meeting = set(
        MemberChange.objects.filter(
            job_id__in=groups, member_id__in=removed, wanted=True
        ).values_list("job_id", flat=True)
    )
    return [job for job in jobs if job.pk not in meeting]
