"""Planning jobs again with today's mapping, settings, policies and gates.

Before an attempt after a change of the connector or of policies, when the newest decision
about the entity is another, and when an operator retries or releases a job.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from idp import bulk_update
from idp.models import OutboundConnector, key_of
from idp.secrets import CannotOpen
from provisioning import causes, edits, mapping, planning, subjects, traces
from provisioning.changes import Event
from provisioning.models import REMOVES, Job, Operation
from provisioning.places import Place, Places, judges_at, places_at
from provisioning.policies import compiled
from provisioning.policies.compiled import Compiled
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget

_FIELDS = (
    "operation",
    "remote_name",
    "name_key",
    "frees_key",
    "sealed_payload",
    "revision",
    "disables",
)

PUTS = (planning.Kind.CREATE, planning.Kind.UPDATE)


@dataclass(frozen=True, slots=True)
class Replanned:
    """`objection` says why nothing is to be sent; `subject` and `verdict` are what it was
    planned with, where anything was to plan."""

    job: Job
    objection: str = ""
    subject: Subject | None = None
    verdict: planning.Verdict | None = None
    error: CannotOpen | None = None

    @property
    def goes(self) -> bool:
        return not (self.objection or self.error)

    @property
    def is_held_back(self) -> bool:
        return self.verdict is not None and self.verdict.held_back and not self.goes


def replan(connector: OutboundConnector, jobs: Sequence[Job]) -> list[Replanned]:
    """Bring the jobs up to date in place, and save those that are to be sent.

    A delete stays a delete; an entity that is gone from the store is never put anywhere.
    Costs a constant number of queries.
    """
    if not jobs:
        return []
    try:
        now = _Now.of(connector, jobs)
    except CannotOpen as error:
        # Somebody who only passes through cannot be read; the others can.
        if len(jobs) == 1:
            return [Replanned(jobs[0], error=error)]
        return [one for job in jobs for one in replan(connector, [job])]
    found = [_tried(job, connector, now) for job in jobs]
    going = [one.job for one in found if one.goes]
    for job in going:
        job.revision = connector.revision
    bulk_update.update(going, _FIELDS)
    return found


@dataclass(frozen=True, slots=True)
class _Now:
    """What jobs are planned with, as it is now."""

    people: Mapping[uuid.UUID, Subject]
    places: Places
    rows: Mapping[uuid.UUID, OutboundTarget]
    rules: Compiled | None

    @classmethod
    def of(cls, connector: OutboundConnector, jobs: Sequence[Job]) -> _Now:
        people = subjects.several({job.entity_id for job in jobs})
        rows = judges_at(connector.pk, {job.target_id for job in jobs if job.target_id})
        asked = any(row.enable_rules for row in rows.values())
        rules = compiled.of(jobs[0].tenant) if asked else None
        return cls(people, places_at(connector.pk, people), rows, rules)


def _tried(job: Job, connector: OutboundConnector, now: _Now) -> Replanned:
    try:
        return _replanned(job, connector, now)
    except CannotOpen as error:
        return Replanned(job, error=error)


def _replanned(job: Job, connector: OutboundConnector, now: _Now) -> Replanned:
    subject = now.people.get(job.entity_id)
    if job.operation == Operation.DELETE or (subject is None and job.operation in REMOVES):
        return Replanned(job)
    if subject is None:
        return Replanned(job, "deleted from the user store meanwhile")
    verdict = _verdict(job, subject, connector, now)
    if verdict.kind not in planning.SENDS:
        return Replanned(job, verdict.reason, subject, verdict)
    if job.operation not in REMOVES or verdict.kind in PUTS:
        _adapt(job, verdict)
    return Replanned(job, "", subject, verdict)


def verdict_today(job: Job, subject: Subject, connector: OutboundConnector) -> planning.Verdict:
    """What would be sent instead of the job if it were planned now."""
    return _verdict(job, subject, connector, _Now.of(connector, [job]))


def _verdict(
    job: Job, subject: Subject, connector: OutboundConnector, now: _Now
) -> planning.Verdict:
    return planning.judge(
        subject,
        connector,
        now.rows.get(job.target_id) if job.target_id else None,
        _without(job, now.places.get(job.entity_id)),
        job.door,
        event=Event.PUT if job.operation == Operation.UPDATE else Event.POST,
        policies=now.rules,
    )


def _without(job: Job, place: Place | None) -> Place | None:
    """The place as it is apart from this job, except for what the job may have done."""
    if place is None:
        return None
    others = tuple(other for other in place.open_jobs if other.pk != job.pk)
    failed = (*place.failed_jobs, job) if job.maybe_sent else place.failed_jobs
    return dataclasses.replace(place, open_jobs=others, failed_jobs=failed)


def _adapt(job: Job, verdict: planning.Verdict) -> None:
    link = verdict.place.link if verdict.place else None
    held = link.name_key if link else ""
    job.operation = Operation(verdict.kind.value)
    job.remote_name = verdict.remote_name
    wanted = key_of(verdict.remote_name)
    if job.operation in REMOVES:
        job.name_key, job.frees_key = "", held or wanted
    else:
        job.name_key, job.frees_key = wanted, held if held != wanted else ""
    older = job.payload
    payload = traces.carried(older).into(dict(verdict.payload))
    if job.edited and verdict.kind in PUTS:
        dialect = mapping.dialect_of(verdict.connector)
        payload = edits.onto(payload, edits.carried(older), dialect)
    job.payload = causes.into(payload, causes.of(older))
    job.disables = verdict.disables
