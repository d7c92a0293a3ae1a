"""A removal of what nobody knows to be there asks once more what earlier jobs may have done."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Q

from idp.models import OutboundConnector
from provisioning import traces
from provisioning.models import REMOVES, SKIPPED, Job, State
from provisioning.traces import Trace


def inherit(connector: OutboundConnector, jobs: Sequence[Job]) -> None:
    """Make removals *maybe sent* whose entity has an older job that ended without an answer.

    A job that is given up hands its doubt to the one after it, and a new one takes it from
    those given up before. When both happen at once neither sees the other, and the removal
    would find nothing to do.
    """
    removals = [job for job in jobs if job.operation in REMOVES and not job.maybe_sent]
    if not removals:
        return
    over = Q(state=State.FAILED) | Q(state=State.CANCELLED, reason_code=SKIPPED)
    lost = Job.objects.filter(
        over,
        connector=connector,
        entity_id__in={job.entity_id for job in removals},
        maybe_sent=True,
    )
    doubts: dict[uuid.UUID, Trace] = {}
    for job in lost:
        doubts[job.entity_id] = doubts.get(job.entity_id, Trace()) | traces.of(job)
    for job in removals:
        if (doubt := doubts.get(job.entity_id)) is None:
            continue
        job.maybe_sent = True
        if payload := job.known_payload:
            job.payload = (traces.carried(payload) | doubt).into(payload)
        job.save(update_fields=["maybe_sent", "sealed_payload"])
