"""Messages that are over are forgotten; those nobody could send are given up."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from provisioning.models import Message, Passage

KEPT = timedelta(days=7)
KEPT_FAILED = timedelta(days=30)
AT_ONCE = 5_000


def clear() -> bool:
    """A batch of each; True when there may be more."""
    now = timezone.now()
    stale = Message.objects.filter(
        state=Passage.PENDING, give_up_at__lt=now, not_before__lt=now
    )
    given_up = stale.update(
        state=Passage.FAILED, finished=now, reason="gave up after a day: nobody took it"
    )
    old = Q(state=Passage.SENT, finished__lt=now - KEPT) | Q(finished__lt=now - KEPT_FAILED)
    ids = list(Message.objects.filter(old).values_list("pk", flat=True)[:AT_ONCE])
    Message.objects.filter(pk__in=ids).delete()
    return len(ids) == AT_ONCE or given_up >= AT_ONCE
