"""Periodic work as leased rows: whichever process wins the lease does it. No beat process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from django.db import DatabaseError, InterfaceError
from django.db.models import Q
from django.utils import timezone

from provisioning.models import Tick

LEASE = timedelta(minutes=5)
LOOK = 10.0
"""Seconds between looks at the rows."""

_next_look = 0.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """`do` answers True when there is more to do at once. `aligned`: at whole multiples of
    `every`, such as full hours."""

    name: str
    every: timedelta
    do: Callable[[], object]
    aligned: bool = False

    def next_after(self, now: datetime) -> datetime:
        if not self.aligned:
            return now + self.every
        seconds = self.every.total_seconds()
        return datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, UTC)


def run_due(tasks: Sequence[Task]) -> None:
    """Run what is due and nobody else has leased."""
    global _next_look
    if time.monotonic() < _next_look:
        return
    _next_look = time.monotonic() + LOOK
    for task in tasks:
        if run(task) is Ran.MORE:
            _next_look = 0.0


def _done(task: Task) -> object:
    try:
        return task.do()
    except (DatabaseError, InterfaceError):
        raise
    except Exception:
        # Deliveries go on, whatever is wrong with one of the tasks.
        log.exception("a periodic task broke", extra={"task": task.name})
        return None


class Ran(IntEnum):
    """What became of a task; false when it did not run."""

    NOT = 0
    DONE = 1
    MORE = 2


def run(task: Task) -> Ran:
    """Run a task if it is due and free."""
    now = timezone.now()
    Tick.objects.get_or_create(name=task.name, defaults={"due": now})
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    mine = Tick.objects.filter(free, name=task.name, due__lte=now)
    if not mine.update(lease_until=now + LEASE):
        return Ran.NOT
    more = _done(task) is True
    due = now if more else task.next_after(now)
    Tick.objects.filter(name=task.name).update(due=due, lease_until=None)
    return Ran.MORE if more else Ran.DONE
