"""Planning a job again with today's mapping, settings and gates.

Before the first attempt after a change of the connector, and when an operator retries or
releases a job.
"""

from __future__ import annotations

import dataclasses

from idp.models import OutboundConnector, key_of
from provisioning import causes, planning, subjects, traces
from provisioning.changes import Event
from provisioning.mapping import Unmappable
from provisioning.models import REMOVES, Job, Operation
from provisioning.places import Place, judge_at, places_of


def replan(job: Job, connector: OutboundConnector) -> str | None:
    """Bring the job up to date in place and save it; or say why nothing is to be sent.

    A delete stays a delete; an entity that is gone from the store is never put anywhere.
    Raises `Unmappable` when what is wanted cannot be told in the target's attributes.
    """
    subject = subjects.find(job.tenant, job.entity_type, job.entity_id)
    if job.operation == Operation.DELETE or (subject is None and job.operation in REMOVES):
        _save(job, connector)
        return None
    if subject is None:
        return "deleted from the user store meanwhile"
    place = _without(job, places_of(subject).get(connector.pk))
    row = judge_at(connector.pk, job.target_id)
    event = Event.PUT if job.operation == Operation.UPDATE else Event.POST
    verdict = planning.judge(subject, connector, row, place, job.door, event=event)
    if verdict.unmappable:
        raise Unmappable(verdict.reason)
    if verdict.kind not in planning.SENDS:
        return verdict.reason
    if job.operation not in REMOVES or verdict.kind in (
        planning.Kind.CREATE,
        planning.Kind.UPDATE,
    ):
        _adapt(job, verdict)
    _save(job, connector)
    return None


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
    job.payload = causes.into(payload, causes.of(older))
    job.disables = verdict.disables


def _save(job: Job, connector: OutboundConnector) -> None:
    job.revision = connector.revision
    job.save(
        update_fields=[
            "operation",
            "remote_name",
            "name_key",
            "frees_key",
            "sealed_payload",
            "revision",
            "disables",
        ]
    )
