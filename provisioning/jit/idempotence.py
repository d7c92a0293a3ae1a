"""An event told twice is done once: the first answer is given again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.utils import timezone

from idp.models import new_id
from provisioning.models import JitEvent
from serviceproviders.models import ServiceProvider

KEPT = timedelta(days=1)
STALE = timedelta(minutes=5)
"""After so long nobody works on an event any more that has no answer."""
AT_ONCE = 5_000


class KeyInUse(Exception):
    """The key is another event's, or its event is still being worked on; a sentence."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]


def once(
    service_provider: ServiceProvider, key: str, body: Any, work: Callable[[], Answer]
) -> Answer:
    """What `work` answers, or answered. Raises `KeyInUse`, and whatever `work` raises: then
    the key is free again."""
    if not key:
        return work()
    digest = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()
    row = JitEvent(
        id=new_id(),
        service_provider=service_provider,
        key=key,
        digest=digest,
        created=timezone.now(),
    )
    if (told := _begin(row)) is not None:
        return told
    try:
        answer = work()
    except BaseException:
        row.delete()
        raise
    row.status, row.answer, row.headers = answer.status, answer.body, answer.headers
    row.save(update_fields=["status", "answer", "headers"])
    return answer


def _begin(row: JitEvent) -> Answer | None:
    """Take the key; or the answer that was given under it."""
    rows = JitEvent.objects.filter(service_provider=row.service_provider, key=row.key)
    rows.filter(status=0, created__lt=row.created - STALE).delete()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
        return None
    except IntegrityError:
        known = rows.first()
    if known is None or known.status == 0:
        raise KeyInUse("An event with this idempotency key is being worked on; ask again.")
    if bytes(known.digest) != row.digest:
        raise KeyInUse("This idempotency key belongs to another event.")
    return Answer(known.status, known.answer or {}, known.headers)


def forget_old() -> bool:
    """A batch of answers that nobody asks for again; True when there may be more."""
    old = JitEvent.objects.filter(created__lt=timezone.now() - KEPT)
    ids = list(old.order_by("created").values_list("pk", flat=True)[:AT_ONCE])
    JitEvent.objects.filter(pk__in=ids).delete()
    return len(ids) == AT_ONCE
