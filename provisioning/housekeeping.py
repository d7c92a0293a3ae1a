"""What is done now and then, by whichever worker wins the tick."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from idp.indexing import index_claims
from provisioning import (
    courier,
    hours,
    jit,
    notifications,
    operations,
    passing,
    pruning,
    reconsidering,
    replays,
    signup,
    watching,
)
from provisioning.chain import sealing
from provisioning.inbound.login import attempts, saml
from provisioning.models import Job, State
from provisioning.ticks import Task

PASSWORD_LIFE = timedelta(hours=24)
"""How long an undelivered password outlives the failure of its job."""


def erase_passwords() -> None:
    """Undelivered passwords of jobs that failed a day ago."""
    old = timezone.now() - PASSWORD_LIFE
    Job.objects.filter(
        state=State.FAILED, finished__lt=old, sealed_password__isnull=False
    ).update(sealed_password=None)


def watch() -> None:
    """What notifications are about: what is new, and what is over."""
    watching.look_at_connectors()
    watching.look_at_processes(task.name for task in TASKS)


TASKS = (
    Task("erase passwords", timedelta(minutes=15), erase_passwords),
    Task("expire what the guard holds", timedelta(minutes=10), operations.expire),
    Task("forget who passed through", timedelta(hours=1), passing.forget_rest),
    Task("seal the audit trail", timedelta(seconds=5), sealing.seal_new),
    Task("forget what is over", timedelta(days=1), pruning.forget_some),
    Task("forget hours", timedelta(hours=6), hours.forget_old),
    Task("index claims", timedelta(minutes=1), index_claims),
    Task("follow policies", timedelta(seconds=5), reconsidering.follow_policies),
    Task("follow settings", timedelta(seconds=5), reconsidering.follow_settings),
    Task("retry what settings lacked", timedelta(seconds=5), operations.retry_misconfigured),
    Task(
        "ask rules by the clock",
        timedelta(minutes=settings.PURVEYOR_RULES_MINUTES),
        reconsidering.ask_by_the_clock,
        aligned=True,
    ),
    Task("reconsider", timedelta(seconds=5), reconsidering.work),
    Task("replay dead letters", timedelta(seconds=5), replays.work),
    Task("forget replays", timedelta(hours=6), replays.forget_old),
    Task(watching.WATCH, timedelta(seconds=30), watch),
    Task("tell states of connectors", timedelta(seconds=5), watching.tell_states),
    Task("look at audit trails", timedelta(minutes=1), watching.look_at_trails),
    Task("look at certificates", timedelta(hours=1), watching.look_at_certificates),
    Task("forget sign-ups", timedelta(hours=1), signup.forget_old),
    Task("forget events of logins", timedelta(hours=1), jit.forget_old),
    Task("forget logins", timedelta(minutes=15), attempts.forget_old),
    Task("forget used assertions", timedelta(hours=1), saml.forget_old),
    Task("clear messages", timedelta(minutes=15), courier.clear),
    Task("forget notifications", timedelta(hours=6), notifications.forget_old),
)

OF_WORKERS = (*TASKS, watching.HEARTBEAT)
"""A worker says with it that it is there."""
