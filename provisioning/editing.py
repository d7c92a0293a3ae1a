"""Edit and retry: sending one failed job once with other values than the mapping gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from connectors import Dialect, EntityType
from idp.secrets import CannotOpen
from provisioning import audit, edits, mapping, operations, replanning, subjects
from provisioning.changes import Door
from provisioning.edits import Edit
from provisioning.models import REMOVES, Job


class CannotEdit(Exception):
    """Why this job is not edited, in a sentence."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be sent if the job were planned now: what an operator may change."""

    payload: Mapping[str, Any]
    dialect: Dialect

    @property
    def values(self) -> dict[str, Any]:
        """By path, without what is secret by its name."""
        told = edits.values(self.payload, self.dialect)
        return {path: told[path] for path in sorted(told) if not edits.is_secret(path)}


def draft(job: Job) -> Draft:
    """Reads only. Raises `CannotEdit`."""
    if job.entity_type != EntityType.USER or job.operation in REMOVES:
        raise CannotEdit("Only what is sent of a user has values to edit.")
    if not operations.retryable(Job.objects.filter(pk=job.pk)).exists():
        raise CannotEdit(
            "It has not failed, or something newer of that user is done or on its way."
        )
    subject = subjects.find(job.tenant, job.entity_type, job.entity_id)
    if subject is None:
        raise CannotEdit("The user is deleted here.")
    try:
        verdict = replanning.verdict_today(job, subject, job.connector)
    except CannotOpen as error:
        raise CannotEdit(f"What the job carries cannot be read: {error}") from error
    if verdict.kind not in replanning.PUTS:
        raise CannotEdit(f"Nothing would be sent now: {verdict.reason}.")
    return Draft(verdict.payload, mapping.dialect_of(job.connector))


def edit_and_retry(
    job: Job, changed: tuple[Edit, ...], *, actor: str, door: str = Door.CONSOLE
) -> None:
    """Queue a failed job again with these edits laid over what is planned then.

    The audit trail names the attributes; their values stay sealed, with the job. Raises
    `CannotEdit` when something newer came in between.
    """
    if not changed:
        raise CannotEdit("Nothing was changed.")
    with transaction.atomic():
        if not operations.retry(Job.objects.filter(pk=job.pk), actor=actor):
            raise CannotEdit(
                "It has not failed, or something newer of that user is done or on its way."
            )
        fresh = Job.objects.get(pk=job.pk)
        fresh.payload = {
            **fresh.payload,
            edits.EDITS: [[one.path, one.before, one.value] for one in changed],
        }
        fresh.edited = True
        fresh.save(update_fields=["sealed_payload", "edited"])
        audit.record(
            tenant=job.tenant,
            actor=actor,
            action="job.edit",
            subject_type=job.entity_type,
            subject_id=job.entity_id,
            subject_name=job.entity_name,
            door=door,
            change_id=job.change_id,
            detail={"job": str(job.pk), "attributes": [one.path for one in changed]},
        )
