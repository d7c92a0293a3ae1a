"""Jobs that end without an attempt: written, and told to whoever waits for that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from idp.models import Tenant
from provisioning import events
from provisioning.models import Job, State


def end(
    tenant: Tenant,
    jobs: QuerySet[Job],
    state: State,
    code: str,
    reason: str,
    *,
    finished: datetime | None = None,
    keeps_reason: bool = False,
) -> None:
    """One statement, and two more where a webhook waits for it. `keeps_reason`: why it had
    failed is what stays on record."""
    now = timezone.now()
    told: dict[str, Any] = {} if keeps_reason else {"reason": reason}
    if finished is not None:
        told["finished"] = finished
    if events.wants(tenant, f"{events.JOB}{state.value}"):
        ended = locked(jobs)
        events.of_alike(tenant, ended, state, code, reason)
        jobs = Job.objects.filter(pk__in=[job.pk for job in ended])
    jobs.update(state=state, reason_code=code, sealed_password=None, updated=now, **told)


def locked(jobs: QuerySet[Job]) -> list[Job]:
    """As they are now, until the transaction ends; without what they carry."""
    return list(
        jobs.order_by("pk").select_for_update().defer("sealed_payload", "sealed_password")
    )
