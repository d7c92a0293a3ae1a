"""The deletion guard: too many removals in too short a time wait for an operator.

Deletes and disables count together against the linked active accounts; groups against the
groups that are there; members of a group against its accepted members. What passed once is
not counted again. Called while the connector's row is locked, so workers count together.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from connectors import EntityType
from idp import bulk
from idp.models import DeleteAction, Mode, OutboundConnector
from provisioning import alarms, audit, events
from provisioning.models import (
    GUARD,
    REMOVES,
    Job,
    LinkState,
    MemberChange,
    ProvisionedEntity,
    State,
)
from provisioning.outbox.windows import Event, Windows

FEW = 10
"""Members a group may lose whatever percentage that is."""

AT_ONCE = 1_000
"""Jobs that are held together when a limit is reached."""

ACTOR = "deletion guard"

Causes = dict[uuid.UUID, str]


def passed(connector: OutboundConnector, jobs: Sequence[Job], now: datetime) -> list[Job]:
    """The jobs that may be sent. The others are held, with what was counted as the reason,
    and with them what waits behind and would go beyond the same limit."""
    waiting = [job for job in jobs if job.state == State.PENDING]
    causes = weigh(connector, waiting, now)
    if not causes:
        return list(jobs)
    held = [job for job in waiting if job.pk in causes]
    behind: list[Job] = []
    for cause in dict.fromkeys(causes.values()):
        hold(connector, [job for job in held if causes[job.pk] == cause], cause, now)
    for kind in EntityType:
        alike = [job for job in held if job.entity_type == kind and takes_away(connector, job)]
        if alike:
            more = _behind(connector, kind, now)
            hold(connector, more, causes[alike[-1].pk], now)
            behind += more
    _note(connector, held, causes)
    _tell(connector, [*held, *behind], causes)
    return [job for job in jobs if job.pk not in causes]


def replanned(connector: OutboundConnector, jobs: Sequence[Job]) -> Causes:
    """Of leased jobs that have become removals since: why they may not be sent."""
    if not jobs or not _is_on(connector):
        return {}
    with transaction.atomic():
        rows = OutboundConnector.objects.select_for_update(no_key=True)
        rows.filter(pk=connector.pk).values_list("pk", flat=True).first()
        causes = weigh(connector, jobs, timezone.now())
        held = [job for job in jobs if job.pk in causes]
        _note(connector, held, causes)
        _tell(connector, held, causes)
    return causes


def weigh(connector: OutboundConnector, jobs: Sequence[Job], now: datetime) -> Causes:
    """Count the removals that may go, and say of each of the others why it may not."""
    if not _is_on(connector):
        return {}
    windows = Windows(connector, now)
    causes: Causes = {}
    going = [job for job in jobs if takes_away(connector, job) and not job.guarded]
    windows.open({f"{job.entity_type}s" for job in going})
    for job in going:
        if cause := windows.add(Event(f"{job.entity_type}s", 1)):
            causes[job.pk] = cause
    _count_members(connector, jobs, windows, causes)
    windows.save()
    passing = [job for job in going if job.pk not in causes]
    Job.objects.filter(pk__in=[job.pk for job in passing]).update(guarded=True)
    for job in passing:
        # It may be planned again before it goes, and is then not counted twice.
        job.guarded = True
    return causes


def _count_members(
    connector: OutboundConnector, jobs: Sequence[Job], windows: Windows, causes: Causes
) -> None:
    groups = [
        job
        for job in jobs
        if job.entity_type == EntityType.GROUP and job.operation not in REMOVES
    ]
    leaving = _leaving(connector, [job.pk for job in groups], causes)
    windows.open({f"members/{job.entity_id}" for job in groups if job.pk in leaving})
    through = []
    for job in groups:
        many = leaving.get(job.pk, 0)
        if many and (cause := windows.add(Event(f"members/{job.entity_id}", many, least=FEW))):
            causes[job.pk] = cause
        elif many:
            through.append(job.pk)
    let_out(through)


def takes_away(connector: OutboundConnector, job: Job) -> bool:
    """Whether an account, or a group, goes by it."""
    if job.operation in REMOVES:
        return connector.delete_action != DeleteAction.KEEP
    return job.disables and job.entity_type == EntityType.USER


def takes_out_members(job: Job) -> bool:
    """Whether a group's job takes out members whom the guard has not let out."""
    uncounted = MemberChange.objects.filter(job=job, wanted=False, counted=False)
    return job.entity_type == EntityType.GROUP and uncounted.exists()


def let_out(jobs: Iterable[uuid.UUID]) -> None:
    """The members these take out are counted, and not again."""
    if ids := list(jobs):
        MemberChange.objects.filter(job_id__in=ids, wanted=False).update(counted=True)


def hold(connector: OutboundConnector, jobs: Sequence[Job], cause: str, now: datetime) -> None:
    Job.objects.filter(pk__in=[job.pk for job in jobs], state=State.PENDING).update(
        state=State.HELD, reason_code=GUARD, reason=cause, updated=now
    )
    events.of_alike(connector.provider.tenant, jobs, State.HELD, GUARD, cause)


def _is_on(connector: OutboundConnector) -> bool:
    """Not in dry run: what is only rehearsed goes nowhere, and is counted when it goes."""
    limited = bool(connector.guard_max_count or connector.guard_max_percent)
    return limited and connector.mode != Mode.DRY_RUN


def _behind(connector: OutboundConnector, kind: EntityType, now: datetime) -> list[Job]:
    """Removals that are due as well: each would be one too many."""
    due = Job.objects.filter(
        Q(operation__in=REMOVES) | Q(disables=True),
        connector=connector,
        state=State.PENDING,
        not_before__lte=now,
        entity_type=kind,
        guarded=False,
    )
    found = list(due.order_by("not_before", "position")[:AT_ONCE])
    return [job for job in found if takes_away(connector, job)]


def _leaving(
    connector: OutboundConnector, jobs: Sequence[uuid.UUID], causes: Causes
) -> dict[uuid.UUID, int]:
    """How many members each group job takes out who stay at the target."""
    if not jobs:
        return {}
    there = ProvisionedEntity.objects.filter(
        connector=connector, entity_id=OuterRef("member_id"), state=LinkState.LINKED
    )
    going = Job.objects.filter(
        connector=connector,
        entity_id=OuterRef("member_id"),
        is_open=True,
        state__in=[State.PENDING, State.RUNNING],
        operation__in=REMOVES,
    ).exclude(pk__in=list(causes))
    rows = MemberChange.objects.filter(
        Exists(there), ~Exists(going), job_id__in=jobs, wanted=False, counted=False
    )
    return dict(rows.order_by().values_list("job_id").annotate(many=Count("*")))


def _tell(connector: OutboundConnector, held: Sequence[Job], causes: Causes) -> None:
    if held:
        reason = next(iter(causes.values()))
        alarms.guard_holds(connector, held, reason)
        events.of_guard(connector, len(held), reason)


def _note(connector: OutboundConnector, jobs: Sequence[Job], causes: Causes) -> None:
    bulk.insert(
        [
            audit.event(
                tenant=connector.provider.tenant,
                actor=ACTOR,
                action="job.hold",
                subject_type=job.entity_type,
                subject_id=job.entity_id,
                subject_name=job.entity_name,
                change_id=job.change_id,
                detail={"job": str(job.pk), "reason": causes[job.pk]},
            )
            for job in jobs
        ]
    )
