"""What is told of an accepted change: the audit row, and the outcomes in the answer."""

from __future__ import annotations

from collections.abc import Sequence

from provisioning import audit, records
from provisioning.changes import Accepted, Change, Result, TargetOutcome
from provisioning.models import AuditEvent, Job, State
from provisioning.planning import Kind, Verdict
from provisioning.writes import Written

Queued = Sequence[tuple[Job, Verdict]]


def accepted(
    change: Change, written: Written, verdicts: Sequence[Verdict], jobs: Queued
) -> Accepted:
    queued = {id(verdict): job for job, verdict in jobs}
    return Accepted(
        change_id=change.id,
        entity_id=written.subject.id,
        entity=written.entity,
        changed=written.changed,
        outcomes=[_outcome(verdict, queued.get(id(verdict))) for verdict in verdicts],
    )


def audit_event(change: Change, written: Written, verdicts: Sequence[Verdict]) -> AuditEvent:
    """The unsaved row. Names and reasons, never values."""
    told = records.of(verdicts, written.subject, change.service_provider)
    detail: dict[str, object] = {"targets": told}
    if written.attributes:
        detail["attributes"] = list(written.attributes)
    if written.deltas:
        detail["members_added"] = sum(len(one.delta.added) for one in written.deltas)
        detail["members_removed"] = sum(len(one.delta.removed) for one in written.deltas)
    return audit.event(
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


def _outcome(verdict: Verdict, job: Job | None) -> TargetOutcome:
    result, reason = Result.SKIPPED, verdict.reason
    if verdict.kind is Kind.OWE:
        result = Result.HELD
    elif job is not None and job.state == State.CANCELLED:
        reason = job.reason
    elif job is not None and job.state == State.HELD:
        result, reason = Result.HELD, job.reason
    elif job is not None:
        result = Result.QUEUED
    return TargetOutcome(
        identity_provider=verdict.connector.provider.name,
        connector=verdict.connector.type,
        result=result,
        job_id=job.pk if job else None,
        reason=reason,
    )
