"""The newest decision about somebody is *held back*: what waits unsent for them does not go."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.utils import timezone

from idp.models import OutboundConnector, Tenant
from provisioning import alarms, events, heldback
from provisioning.gates import MAPPING
from provisioning.heldback import Key, Planned
from provisioning.models import REMOVES, Job, State
from provisioning.outbox import ending, failing
from provisioning.outbox.superseding import SUPERSEDED, WAITING
from provisioning.signatures import signature

HELD_BACK = "held_back"
"""The reason code of jobs that are not sent because of a newer decision."""


def remember(planned: Planned, *, known: bool = False) -> set[Key]:
    """As `heldback.remember`, in the decision's transaction; and creates and updates that
    wait for whoever is held back are over.

    Removals go in any case. One that may have been sent fails instead of being cancelled: a
    later delete has to look.
    """
    waiting: dict[tuple[Tenant, OutboundConnector, str], list[uuid.UUID]] = {}
    for subject, verdicts in planned:
        for verdict in verdicts:
            if verdict.held_back and verdict.place is not None:
                key = (subject.tenant, verdict.connector, verdict.reason)
                jobs = waiting.setdefault(key, [])
                jobs += [job.pk for job in verdict.place.open_jobs if _waits(job)]
    for (tenant, connector, reason), ids in waiting.items():
        if ids:
            _withhold(tenant, connector, ids, reason)
    freed = heldback.remember(planned, known=known)
    _let_go(planned, freed)
    return freed


def _waits(job: Job) -> bool:
    return job.state in WAITING and job.operation not in REMOVES


def _withhold(
    tenant: Tenant, connector: OutboundConnector, ids: Sequence[uuid.UUID], reason: str
) -> None:
    """Those that wait still: a worker may have taken one meanwhile, and given it back in
    doubt."""
    now = timezone.now()
    waiting = ending.locked(Job.objects.filter(pk__in=ids, state__in=WAITING))
    unsent = Job.objects.filter(pk__in=[job.pk for job in waiting if not job.maybe_sent])
    because = f"held back before it was sent: {reason}"
    ending.end(tenant, unsent, State.CANCELLED, HELD_BACK, because, finished=now)
    if doubtful := [job for job in waiting if job.maybe_sent]:
        _fail(tenant, connector, doubtful, reason)


def _fail(
    tenant: Tenant, connector: OutboundConnector, jobs: Sequence[Job], reason: str
) -> None:
    now = timezone.now()
    because = f"held back, and an earlier try may have been taken: {reason}"
    failures = [failing.unsent(job, connector.type, HELD_BACK, because) for job in jobs]
    for job, failure in zip(jobs, failures, strict=True):
        Job.objects.filter(pk=job.pk).update(
            state=State.FAILED,
            reason_code=HELD_BACK,
            reason=because,
            signature=signature(failure),
            finished=now,
            updated=now,
        )
    alarms.dead_letters(connector, list(zip(failures, jobs, strict=True)))
    events.of_alike(tenant, jobs, State.FAILED, HELD_BACK, because)


def _let_go(planned: Planned, freed: Iterable[Key]) -> None:
    """What failed for want of a mapping is part of what goes now."""
    of: dict[uuid.UUID, list[uuid.UUID]] = {}
    for entity_id, connector_id in freed:
        of.setdefault(connector_id, []).append(entity_id)
    tenants = {one.connector.pk: subject.tenant for subject, all_ in planned for one in all_}
    failed = Job.objects.filter(state=State.FAILED, reason_code=MAPPING, maybe_sent=False)
    reason = "planned again, with the mapping as it is by now"
    for connector_id, ids in of.items():
        over = failed.filter(connector=connector_id, entity_id__in=ids)
        ending.end(tenants[connector_id], over, State.SUPERSEDED, SUPERSEDED, reason)
