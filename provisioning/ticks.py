"""Periodic work as leased rows: whichever process wins the lease does it. No beat process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from provisioning import passing
from provisioning.models import Job, State, Tick

LEASE = timedelta(minutes=5)
LOOK = 10.0
"""Seconds between looks at the rows."""

PASSWORD_LIFE = timedelta(hours=24)
"""How long an undelivered password outlives the failure of its job."""

_next_look = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    every: timedelta
    do: Callable[[], object]


def erase_passwords() -> int:
    """Undelivered passwords of jobs that failed a day ago."""
    old = timezone.now() - PASSWORD_LIFE
    jobs = Job.objects.filter(
        state=State.FAILED, finished__lt=old, sealed_password__isnull=False
    )
    return jobs.update(sealed_password=None)


TASKS = (
    Task("erase passwords", timedelta(minutes=15), erase_passwords),
    Task("forget who passed through", timedelta(hours=1), passing.forget_rest),
)


def run_due() -> None:
    """Run what is due and nobody else has leased."""
    global _next_look
    if time.monotonic() < _next_look:
        return
    _next_look = time.monotonic() + LOOK
    for task in TASKS:
        run(task)


def run(task: Task) -> bool:
    """Run a task if it is due and free; True when it ran."""
    now = timezone.now()
    Tick.objects.get_or_create(name=task.name, defaults={"due": now})
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    mine = Tick.objects.filter(free, name=task.name, due__lte=now)
    if not mine.update(lease_until=now + LEASE):
        return False
    task.do()
    Tick.objects.filter(name=task.name).update(due=now + task.every, lease_until=None)
    return True
