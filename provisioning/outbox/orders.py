"""What is to be sent, before it is a job: the order, its names and its place in the line."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Q

from idp.models import key_of
from provisioning import traces
from provisioning.models import REMOVES, Job, Operation, State
from provisioning.places import Place
from provisioning.planning import Verdict
from provisioning.subjects import Subject


@dataclass(frozen=True, slots=True)
class Order:
    """A verdict that is to be sent, with what else the job needs.

    `members` are (user id, wanted) rows; `start_at` holds the job back until then:
    a worker leaves it to the caller that delivers it `blocking`.
    """

    subject: Subject
    verdict: Verdict
    change_id: uuid.UUID
    door: str
    password: str | None = field(default=None, repr=False)
    members: Sequence[tuple[uuid.UUID, bool]] = ()
    blocking: bool = False
    start_at: datetime | None = None


def removes(order: Order) -> bool:
    return operation_of(order) in REMOVES


def operation_of(order: Order) -> Operation:
    return Operation(order.verdict.kind.value)


def names(order: Order) -> tuple[str, str]:
    """`(name it will hold, name it gives up)` at the target, folded; empty for none."""
    verdict = order.verdict
    place = verdict.place
    wanted = key_of(verdict.remote_name)
    held = place.link.name_key if place and place.link else ""
    for job in place.open_jobs if place else ():
        if job.state == State.RUNNING:
            held = job.name_key or held
    held = held or _lost_name(place, wanted)
    if removes(order):
        return "", held or wanted
    return wanted, held if held != wanted else ""


def _lost_name(place: Place | None, wanted: str) -> str:
    """A name that a request without an answer may have taken: nobody may have it before
    we have looked."""
    jobs = (*place.open_jobs, *place.failed_jobs) if place else ()
    lost = {key_of(name) for job in jobs if job.maybe_sent for name in traces.of(job).names}
    return min(lost - {wanted}, default="")


def has_dependents(job: Job) -> bool:
    """Whether another entity's job waits for a name this one holds or frees."""
    keys = {key for key in (job.name_key, job.frees_key) if key}
    return (
        Job.objects.filter(
            connector_id=job.connector_id, is_open=True, position__gt=job.position
        )
        .filter(entity_type=job.entity_type)
        .exclude(entity_id=job.entity_id)
        .filter(Q(name_key__in=keys) | Q(frees_key__in=keys))
        .exists()
    )


def place_in_line(jobs: Sequence[Job], after: int = 0) -> None:
    """Give new jobs of any entities their positions, in this order, none before `after`.

    Microseconds of the clock, but after every open job that holds or frees a name of
    theirs.
    """
    last = after
    for connector_id in {job.connector_id for job in jobs}:
        last = max(last, _last_of_names([j for j in jobs if j.connector_id == connector_id]))
    for job in jobs:
        last = max(time.time_ns() // 1000, last + 1)
        job.position = last


_LAST = """
SELECT MAX(last) FROM (
    SELECT (SELECT MAX(job.position) FROM provisioning_job job
        WHERE job.connector_id = %s AND job.is_open AND job.name_key = asked.name) AS last
    FROM {names}
    UNION ALL
    SELECT (SELECT MAX(job.position) FROM provisioning_job job
        WHERE job.connector_id = %s AND job.is_open AND job.frees_key = asked.name)
    FROM {names}
) found"""
"""Name by name, each by its index: of a join PostgreSQL thinks, as long as it has no
statistics, that reading all open jobs of the connector costs less."""

_NAMES = {
    "postgresql": "unnest(%s::varchar[]) AS asked(name)",
    "sqlite": "(SELECT value AS name FROM json_each(%s)) AS asked",
}


def _last_of_names(jobs: Sequence[Job]) -> int:
    """The last position among the open jobs of one connector that share a name of these."""
    keys = sorted({key for job in jobs for key in (job.name_key, job.frees_key) if key})
    names = keys if connection.vendor == "postgresql" else json.dumps(keys)
    key = Job._meta.get_field("connector").get_db_prep_value(jobs[0].connector_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(_LAST.format(names=_NAMES[connection.vendor]), [key, names] * 2)
        (last,) = cursor.fetchone()
    return last or 0
