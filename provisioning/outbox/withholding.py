"""The newest decision about somebody is *held back*: what waits unsent for them does not go."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.utils import timezone

from idp.models import Tenant
from provisioning import events, heldback
from provisioning.gates import MAPPING
from provisioning.heldback import Key, Planned
from provisioning.models import REMOVES, Job, State
from provisioning.outbox import failing
from provisioning.outbox.superseding import SUPERSEDED, WAITING

HELD_BACK = "held_back"
"""The reason code of jobs that are not sent because of a newer decision."""


def remember(planned: Planned, *, known: bool = False) -> set[Key]:
    """As `heldback.remember`, in the decision's transaction; and creates and updates that
    wait for whoever is held back are over.

    Removals go in any case. One that may have been sent fails instead of being cancelled: a
    later delete has to look.
    """
    waiting: dict[tuple[Tenant, str], list[Job]] = {}
    for subject, verdicts in planned:
        for verdict in verdicts:
            if verdict.held_back and verdict.place is not None:
                jobs = waiting.setdefault((subject.tenant, verdict.reason), [])
                jobs += [job for job in verdict.place.open_jobs if _waits(job)]
    for (tenant, reason), jobs in waiting.items():
        if jobs:
            _withhold(tenant, jobs, reason)
    freed = heldback.remember(planned, known=known)
    _let_go(freed)
    return freed


def _waits(job: Job) -> bool:
    return job.state in WAITING and job.operation not in REMOVES


def _withhold(tenant: Tenant, jobs: Sequence[Job], reason: str) -> None:
    now = timezone.now()
    told = {"reason_code": HELD_BACK, "finished": now, "updated": now}
    unsent = [job for job in jobs if not job.maybe_sent]
    doubtful = [job for job in jobs if job.maybe_sent]
    because = f"held back before it was sent: {reason}"
    _waiting(unsent).update(state=State.CANCELLED, reason=because, sealed_password=None, **told)
    events.of_alike(tenant, unsent, State.CANCELLED, HELD_BACK, because)
    because = f"held back, and an earlier try may have been taken: {reason}"
    for job in doubtful:
        kind = job.connector.type
        signature = failing.unsent(job, kind, HELD_BACK, because)
        _waiting([job]).update(state=State.FAILED, reason=because, signature=signature, **told)
    events.of_alike(tenant, doubtful, State.FAILED, HELD_BACK, because)


def _waiting(jobs: Iterable[Job]) -> QuerySet[Job]:
    return Job.objects.filter(pk__in=[job.pk for job in jobs], state__in=WAITING)


def _let_go(freed: Iterable[Key]) -> None:
    """What failed for want of a mapping is part of what goes now."""
    of: dict[uuid.UUID, list[uuid.UUID]] = {}
    for entity_id, connector_id in freed:
        of.setdefault(connector_id, []).append(entity_id)
    failed = Job.objects.filter(state=State.FAILED, reason_code=MAPPING, maybe_sent=False)
    reason = "planned again, with the mapping as it is by now"
    for connector_id, ids in of.items():
        over = failed.filter(connector=connector_id, entity_id__in=ids)
        gone = list(over.select_related("tenant", "connector__provider"))
        over.update(
            state=State.SUPERSEDED,
            reason_code=SUPERSEDED,
            reason=reason,
            sealed_password=None,
            updated=timezone.now(),
        )
        if gone:
            tenant = gone[0].tenant
            events.of_alike(tenant, gone, State.SUPERSEDED, SUPERSEDED, reason)
