"""The deletion guard: too many removals in too short a time wait for an operator.

Deletes and disables count together against the linked active accounts; groups against the
groups that are there; members of a group against its accepted members. What passed once is
not counted again. Called while the connector's row is locked, so workers count together.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from connectors import EntityType
from idp.models import DeleteAction, OutboundConnector
from provisioning.models import (
    REMOVES,
    AcceptedMember,
    GuardWindow,
    Job,
    LinkState,
    MemberChange,
    ProvisionedEntity,
    State,
)

FEW = 10
"""Members a group may lose whatever percentage that is."""
CODE = "guard"


@dataclass(frozen=True, slots=True)
class Event:
    """Something the guard counts: so many of what."""

    of: str
    many: int
    least: int = 0
    """Below so many in a window the percentage says nothing."""


def passed(connector: OutboundConnector, jobs: Sequence[Job], now: datetime) -> list[Job]:
    """The jobs that may be sent. The others are held, with what was counted as the reason."""
    if not (connector.guard_max_count or connector.guard_max_percent):
        return list(jobs)
    waiting = (job for job in jobs if job.state == State.PENDING)
    fresh = [job for job in waiting if not (job.guarded or job.released)]
    events = _events(connector, fresh)
    windows: dict[str, GuardWindow] = {}
    counted: list[uuid.UUID] = []
    held: set[uuid.UUID] = set()
    for job in fresh:
        event = events.get(job.pk)
        if event is None:
            continue
        window = windows.setdefault(event.of, _window(connector, event.of, now))
        if cause := _objection(connector, window, event):
            _hold(job, cause, now)
            held.add(job.pk)
        else:
            window.counted += event.many
            counted.append(job.pk)
    for window in windows.values():
        window.save()
    Job.objects.filter(pk__in=counted).update(guarded=True)
    return [job for job in jobs if job.pk not in held]


def _events(connector: OutboundConnector, jobs: Sequence[Job]) -> dict[uuid.UUID, Event]:
    found: dict[uuid.UUID, Event] = {}
    keeps = connector.delete_action == DeleteAction.KEEP
    for job in jobs:
        if job.operation in REMOVES and not keeps:
            found[job.pk] = Event(f"{job.entity_type}s", 1)
        elif job.disables and job.entity_type == EntityType.USER:
            found[job.pk] = Event("users", 1)
    groups = {
        job.pk: job.entity_id
        for job in jobs
        if job.entity_type == EntityType.GROUP and job.operation not in REMOVES
    }
    for job_id, many in _leaving(connector, list(groups)).items():
        found[job_id] = Event(f"members/{groups[job_id]}", many, least=FEW)
    return found


def _leaving(connector: OutboundConnector, jobs: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
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
        operation__in=REMOVES,
    )
    rows = MemberChange.objects.filter(
        Exists(there), ~Exists(going), job_id__in=jobs, wanted=False
    )
    many: dict[uuid.UUID, int] = {}
    for job_id in rows.values_list("job_id", flat=True):
        many[job_id] = many.get(job_id, 0) + 1
    return many


def _window(connector: OutboundConnector, of: str, now: datetime) -> GuardWindow:
    """The open one, or a new one whose base is what is there now."""
    window = GuardWindow.objects.filter(connector=connector, of=of).first()
    lasts = timedelta(minutes=connector.guard_window_minutes)
    if window is not None and now < window.began + lasts:
        return window
    window = window or GuardWindow(connector=connector, of=of)
    window.began, window.counted, window.base = now, 0, _base(connector, of)
    return window


def _base(connector: OutboundConnector, of: str) -> int:
    kind, _, group_id = of.partition("/")
    links = ProvisionedEntity.objects.filter(connector=connector, state=LinkState.LINKED)
    if kind == "members":
        groups = links.filter(entity_type=EntityType.GROUP, entity_id=group_id)
        return AcceptedMember.objects.filter(group__in=groups).count()
    return links.filter(entity_type=kind.removesuffix("s"), active=True).count()


def _objection(connector: OutboundConnector, window: GuardWindow, event: Event) -> str:
    """Why one more is too many; empty while it is not."""
    after = window.counted + event.many
    most, percent = connector.guard_max_count, connector.guard_max_percent
    limit = ""
    if most and after > most:
        limit = f"{most}"
    elif percent and after >= event.least and after * 100 > window.base * percent:
        limit = f"{percent} %"
    if not limit:
        return ""
    what = event.of.partition("/")[0]
    return (
        f"deletion guard: {window.counted} of {window.base} {what} have gone within "
        f"{connector.guard_window_minutes} minutes, and {event.many} more would be above "
        f"the limit of {limit}"
    )


def _hold(job: Job, cause: str, now: datetime) -> None:
    Job.objects.filter(pk=job.pk, state=State.PENDING).update(
        state=State.HELD, reason_code=CODE, reason=cause, updated=now
    )
