"""The newest decision about somebody is *held back*: what waits unsent for them does not go."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils import timezone

from provisioning import heldback
from provisioning.gates import MAPPING
from provisioning.heldback import Key, Planned
from provisioning.models import REMOVES, Job, State
from provisioning.outbox.superseding import WAITING

HELD_BACK = "held_back"
"""The reason code of jobs that are not sent because of a newer decision."""


def remember(planned: Planned, *, known: bool = False) -> set[Key]:
    """As `heldback.remember`, in the decision's transaction; and creates and updates that
    wait for whoever is held back are over.

    Removals go in any case. One that may have been sent fails instead of being cancelled: a
    later delete has to look.
    """
    by_reason: dict[str, list[uuid.UUID]] = {}
    for _, verdicts in planned:
        for verdict in verdicts:
            if verdict.held_back and verdict.place is not None:
                waiting = by_reason.setdefault(verdict.reason, [])
                waiting += [job.pk for job in verdict.place.open_jobs if _waits(job)]
    for reason, ids in by_reason.items():
        if ids:
            _withhold(ids, reason)
    freed = heldback.remember(planned, known=known)
    _let_go(freed)
    return freed


def _waits(job: Job) -> bool:
    return job.state in WAITING and job.operation not in REMOVES


def _withhold(ids: Iterable[uuid.UUID], reason: str) -> None:
    now = timezone.now()
    jobs = Job.objects.filter(pk__in=ids, state__in=WAITING)
    told = {"reason_code": HELD_BACK, "finished": now, "updated": now}
    jobs.filter(maybe_sent=False).update(
        state=State.CANCELLED,
        reason=f"held back before it was sent: {reason}",
        sealed_password=None,
        **told,
    )
    jobs.filter(maybe_sent=True).update(
        state=State.FAILED,
        reason=f"held back, and an earlier try may have been taken: {reason}",
        **told,
    )


def _let_go(freed: Iterable[Key]) -> None:
    """What failed for want of a mapping is part of what goes now."""
    of: dict[uuid.UUID, list[uuid.UUID]] = {}
    for entity_id, connector_id in freed:
        of.setdefault(connector_id, []).append(entity_id)
    failed = Job.objects.filter(state=State.FAILED, reason_code=MAPPING, maybe_sent=False)
    for connector_id, ids in of.items():
        failed.filter(connector=connector_id, entity_id__in=ids).update(
            state=State.SUPERSEDED,
            reason_code="superseded",
            reason="planned again, with the mapping as it is by now",
            sealed_password=None,
            updated=timezone.now(),
        )
