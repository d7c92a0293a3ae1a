"""What is known of a job that failed: enough to tell which others failed alike."""

from __future__ import annotations

from provisioning.models import REMOVES, Job
from provisioning.parcels import Report
from provisioning.signatures import Failure


def unsent(job: Job, connector_type: str, code: str, reason: str) -> Failure:
    """Of a job that fails without having been tried."""
    return Failure(
        connector=connector_type,
        entity_type=job.entity_type,
        removes=job.operation in REMOVES,
        code=code,
        reason=reason,
        names=frozenset({job.entity_name, job.remote_name, str(job.entity_id)}),
    )


def failure_of(report: Report, code: str, reason: str) -> Failure:
    parcel = report.parcel
    job, entity = parcel.job, parcel.entity
    members = (*parcel.changes.add, *parcel.changes.remove)
    names = {job.entity_name, job.remote_name, entity.remote_id, entity.accepted_name}
    names |= {str(job.entity_id), entity.external_id, *parcel.maybe_names}
    names |= {told for member in members for told in (member.name, member.remote_id)}
    return Failure(
        connector=parcel.connector.type,
        entity_type=job.entity_type,
        removes=job.operation in REMOVES,
        code=code,
        reason=reason,
        status=report.status,
        names=frozenset(names),
    )
