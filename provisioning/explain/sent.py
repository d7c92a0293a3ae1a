"""What was sent to each target lately: the newest jobs of an entity and their attempts."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from idp.models import Tenant
from provisioning.explain.answers import Sent
from provisioning.models import Attempt, Job

JOBS = 3
ATTEMPTS = 3


def newest(
    tenant: Tenant, entity_id: uuid.UUID, until: datetime | None = None
) -> dict[uuid.UUID, list[Sent]]:
    """By connector, the newest jobs (those queued `until` then). Costs two queries."""
    jobs = Job.objects.filter(tenant=tenant, entity_id=entity_id)
    if until is not None:
        jobs = jobs.filter(created__lte=until)
    ranked = jobs.annotate(
        rank=Window(RowNumber(), partition_by=F("connector_id"), order_by=F("position").desc())
    ).filter(rank__lte=JOBS)
    chosen = list(ranked.order_by("-position").defer("sealed_payload", "sealed_password"))
    attempts = _attempts([job.pk for job in chosen])
    found: dict[uuid.UUID, list[Sent]] = defaultdict(list)
    for job in chosen:
        found[job.connector_id].append(Sent(job, attempts[job.pk][:ATTEMPTS]))
    return found


def _attempts(jobs: list[uuid.UUID]) -> dict[uuid.UUID, list[Attempt]]:
    found: dict[uuid.UUID, list[Attempt]] = defaultdict(list)
    rows = Attempt.objects.filter(job_id__in=jobs).order_by("-id").defer("exchanges")
    for attempt in rows:
        found[attempt.job_id].append(attempt)
    return found
