"""What a newer job takes over from older ones of its entity."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import PositiveIntegerField, UUIDField
from django.utils import timezone

from connectors import spans
from idp.models import OutboundConnector, Tenant
from idp.prepared import Parameter, PreparedUpdate
from provisioning import causes, events, traces
from provisioning.models import GUARD, Job, State
from provisioning.outbox import ending
from provisioning.outbox.orders import Order, has_dependents, names, removes
from provisioning.traces import Trace

WAITING = (State.PENDING, State.HELD)

SUPERSEDED = "superseded"
OVERTAKEN = "overtaken"
"""It had failed, and something newer is done."""
NEWER = "a newer change of the same entity carries everything"

_SUPERSEDE = PreparedUpdate(
    lambda: Job.objects.filter(
        pk=Parameter("job", UUIDField()),
        state__in=WAITING,
        # Not one that a worker has tried since it was read: that knows more by now.
        attempts=Parameter("attempts", PositiveIntegerField()),
    ),
    "finished",
    "updated",
    state=State.SUPERSEDED,
    reason_code=SUPERSEDED,
    reason=NEWER,
    sealed_password=None,
)


@dataclass(slots=True)
class Inherited:
    """What a newer job takes over from those it supersedes."""

    maybe_sent: bool = False
    password: str | None = None
    trace: Trace = field(default_factory=Trace)
    guarded: bool = False
    causes: tuple[str, ...] = ()
    held_because: str = ""
    """Why the deletion guard holds it."""

    def take(self, job: Job) -> None:
        if job.maybe_sent:
            self.maybe_sent = True
            self.trace |= traces.of(job)
        if spans.recording():
            self.causes = (*causes.of(job.known_payload), *self.causes)
        if (password := job.known_password) is not None:
            self.password = password
        self.guarded = self.guarded or job.guarded
        if job.state == State.HELD and job.reason_code == GUARD:
            self.held_because = job.reason


def inherit_from_failed(failed: Sequence[Job]) -> Inherited:
    """What earlier jobs that failed may have done, and a password they never delivered."""
    inherited = Inherited()
    for job in failed:
        inherited.take(job)
    held = [job.pk for job in failed if job.known_password is not None]
    if held:
        Job.objects.filter(pk__in=held, state=State.FAILED).update(sealed_password=None)
    return inherited


def drop_failed(tenant: Tenant, entity_id: uuid.UUID) -> None:
    """The entity is deleted: what failed to be sent and has left no trace is over."""
    now = timezone.now()
    failed = Job.objects.filter(entity_id=entity_id, state=State.FAILED, maybe_sent=False)
    reason = "deleted from the user store before it could be sent"
    ending.end(tenant, failed, State.CANCELLED, "deleted", reason, finished=now)


def overtake(connector: OutboundConnector, done: Sequence[Job], now: datetime) -> None:
    """What failed before something newer of its entity was done is over: that carried
    everything. Nobody has to look at it any more."""
    last = {job.entity_id: job.position for job in done}
    failed = Job.objects.filter(connector=connector, entity_id__in=last, state=State.FAILED)
    rows = failed.values_list("pk", "entity_id", "position")
    over = [pk for pk, entity_id, position in rows if position < last[entity_id]]
    if over:
        ending.end(
            connector.provider.tenant,
            failed.filter(pk__in=over),
            State.SUPERSEDED,
            OVERTAKEN,
            NEWER,
            finished=now,
            keeps_reason=True,
        )


def supersede(order: Order, waiting: list[Job], inherited: Inherited) -> list[Job]:
    """Replace waiting jobs by the newer one, unless another entity waits for one of them.

    One whose key is missing goes on by itself: what it carries would be lost. Returns those
    it replaced.
    """
    replaced = []
    for job in waiting:
        if not job.can_be_read or (_renames(order, job) and has_dependents(job)):
            continue
        now = timezone.now()
        if _SUPERSEDE.run(job=job.pk, attempts=job.attempts, finished=now, updated=now):
            inherited.take(job)
            replaced.append(job)
    events.of_alike(order.subject.tenant, replaced, State.SUPERSEDED, SUPERSEDED, NEWER)
    return replaced


def _renames(order: Order, job: Job) -> bool:
    return removes(order) or bool(job.frees_key) or job.name_key != names(order)[0]
