"""Forgetting what is over: jobs that ended long ago with their attempts, expired tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from oauth2_provider.models import clear_expired

from provisioning.models import Job, State

BATCH = 500
FORGOTTEN = [State.DONE, State.SUPERSEDED, State.CANCELLED]


def finished_before(days: int) -> QuerySet[Job]:
    """Jobs that ended so long ago; open and failed ones are never among them.

    Nor is one that is newer than a failed job of its entity: it tells that retrying that
    one would undo something.
    """
    older_failed = Job.objects.filter(
        connector=OuterRef("connector"),
        entity_id=OuterRef("entity_id"),
        position__lt=OuterRef("position"),
        state=State.FAILED,
    )
    old = Job.objects.filter(
        state__in=FORGOTTEN, finished__lt=timezone.now() - timedelta(days=days)
    )
    return old.filter(~Exists(older_failed))


def prune(days: int) -> Iterator[int]:
    """Delete them in batches; yields how many are gone after each."""
    gone = 0
    while batch := list(
        finished_before(days).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        Job.objects.filter(pk__in=batch).delete()
        gone += len(batch)
        yield gone


def forget_tokens() -> None:
    """Delete access tokens that have expired."""
    clear_expired()
