"""Dealing with all dead letters of one signature: batch by batch, never all in memory.

Begun by whoever asks, as far as a moment allows; whichever worker wins the tick goes on.
"""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from idp.models import OutboundConnector
from provisioning import audit, letters, operations
from provisioning.models import Job, Replay, ReplayAction

TURN = 1.0
"""Seconds of work after which a worker looks after its deliveries again."""

BATCH = 200
"""Jobs that are dealt with in one transaction."""

KEPT = timedelta(days=7)
"""How long what became of one can be read."""


def begin(
    connector: OutboundConnector,
    signature: str,
    action: ReplayAction,
    *,
    actor: str,
    reason: str = "",
) -> Replay | None:
    """Ask for it and do the first turn; None when there is nothing to do it to.

    Asked for again while it is under way, it is the one under way that counts.
    """
    tenant = connector.provider.tenant
    with transaction.atomic():
        # Two operators at once: the second sees what the first has begun.
        rows = OutboundConnector.objects.select_for_update(no_key=True)
        rows.filter(pk=connector.pk).values_list("pk", flat=True).first()
        running = Replay.objects.filter(
            connector=connector, signature=signature, finished=None
        ).first()
        if running is not None:
            return running
        total = letters.of_group(connector, signature).count()
        if not total:
            return None
        asked = Replay.objects.create(
            tenant=tenant,
            connector=connector,
            signature=signature,
            action=action,
            actor=actor,
            reason=reason[:255],
            total=total,
        )
        audit.record(
            tenant=tenant,
            actor=actor,
            action=f"letters.{action}",
            subject_type="outboundconnector",
            subject_id=connector.pk,
            subject_name=str(connector),
            detail={"signature": signature, "jobs": total, "reason": reason},
        )
    _go_on(asked.pk, time.monotonic() + TURN)
    asked.refresh_from_db()
    return asked


def work() -> bool:
    """One turn; True when there is more to do."""
    ends = time.monotonic() + TURN
    waiting = Replay.objects.filter(finished=None).order_by("pk")
    return any(not _go_on(pk, ends) for pk in list(waiting.values_list("pk", flat=True)))


def forget_old() -> None:
    Replay.objects.filter(finished__lt=timezone.now() - KEPT).delete()


def _go_on(pk: uuid.UUID, ends: float) -> bool:
    """Work at it until it is over; False when the time is."""
    while _one_batch(pk):
        if time.monotonic() > ends:
            return False
    return True


def _one_batch(pk: uuid.UUID) -> bool:
    """False when there was nothing left to do. Two at once take turns."""
    with transaction.atomic():
        asked = (
            Replay.objects.select_for_update(of=("self",))
            .select_related("connector__provider")
            .filter(pk=pk, finished=None)
            .first()
        )
        if asked is None:
            return False
        jobs = letters.of_group(asked.connector, asked.signature).filter(
            position__gt=asked.after, finished__lte=asked.created
        )
        oldest = jobs.order_by("position").values_list("position", flat=True)
        positions = list(oldest[:BATCH])
        if positions:
            part = list(jobs.filter(position__lte=positions[-1]).values_list("pk", flat=True))
            done = _act(asked, Job.objects.filter(pk__in=part))
            asked.done += done
            asked.left += len(part) - done
            asked.after = positions[-1]
        else:
            asked.finished = timezone.now()
        asked.save(update_fields=["done", "left", "after", "finished"])
    return bool(positions)


def _act(asked: Replay, jobs: QuerySet[Job]) -> int:
    if asked.action == ReplayAction.SKIP:
        return operations.skip(jobs, actor=asked.actor, reason=asked.reason)
    return operations.retry(jobs, actor=asked.actor)
