"""What a newer job takes over from older ones of its entity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from provisioning.models import Job, State
from provisioning.outbox.orders import Order, has_dependents, names, removes

WAITING = (State.PENDING, State.HELD)


@dataclass(slots=True)
class Inherited:
    """What a newer job takes over from those it supersedes."""

    maybe_sent: bool = False
    password: str | None = None
    maybe_names: list[str] = field(default_factory=list)

    def take(self, job: Job) -> None:
        if job.maybe_sent:
            self.maybe_sent = True
            self.maybe_names += [job.remote_name, *job.payload.get("maybe_names", ())]
        if (password := job.password) is not None:
            self.password = password


def inherit_from_failed(failed: Sequence[Job]) -> Inherited:
    """What earlier jobs that failed may have done, and a password they never delivered."""
    inherited = Inherited()
    for job in failed:
        inherited.take(job)
    held = [job.pk for job in failed if job.sealed_password is not None]
    if held:
        Job.objects.filter(pk__in=held, state=State.FAILED).update(sealed_password=None)
    return inherited


def supersede(order: Order, waiting: list[Job], inherited: Inherited) -> None:
    """Replace waiting jobs by the newer one, unless another entity waits for one of them."""
    for job in waiting:
        if _renames(order, job) and has_dependents(job):
            continue
        now = timezone.now()
        superseded = Job.objects.filter(pk=job.pk, state__in=WAITING).update(
            state=State.SUPERSEDED,
            reason_code="superseded",
            reason="a newer change of the same entity carries everything",
            sealed_password=None,
            finished=now,
            updated=now,
        )
        if superseded:
            inherited.take(job)


def _renames(order: Order, job: Job) -> bool:
    return removes(order) or bool(job.frees_key) or job.name_key != names(order)[0]
