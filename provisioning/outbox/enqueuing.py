"""Queueing a job: superseding, absorbing, cancelling out, and its place in the order."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from connectors import EntityType
from idp.models import key_of, new_id
from provisioning.models import REMOVES, Job, MemberChange, Operation, State
from provisioning.planning import Verdict
from provisioning.subjects import Subject

WAITING = (State.PENDING, State.HELD)


@dataclass(frozen=True, slots=True)
class Order:
    """A verdict that is to be sent, with what else the job needs.

    `members` are (user id, wanted) rows; `start_at` holds the job back until then:
    a worker leaves it to the caller that delivers it `blocking`.
    """

    subject: Subject
    verdict: Verdict
    change_id: uuid.UUID
    door: str
    password: str | None = field(default=None, repr=False)
    members: Sequence[tuple[uuid.UUID, bool]] = ()
    blocking: bool = False
    start_at: datetime | None = None
    maybe_names: Sequence[str] = ()


@dataclass(slots=True)
class _Inherited:
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


def enqueue(order: Order) -> Job:
    """Queue one job, superseding what waits for the same entity at the connector.

    Runs in the caller's transaction, with the entity's row locked by it.
    """
    place = order.verdict.place
    open_jobs = list(place.open_jobs) if place else []
    waiting = [job for job in open_jobs if job.state in WAITING]
    running = [job for job in open_jobs if job.state == State.RUNNING]
    if order.subject.type is EntityType.GROUP and not removes(order) and waiting:
        absorbed = _absorb(order, waiting[-1])
        if absorbed is not None:
            return absorbed
    if removes(order) and _never_left(order, waiting, running):
        return _cancel_out(order, waiting)
    inherited = _inherit_from_failed(place.failed_jobs if place else ())
    _supersede(order, waiting, inherited)
    return _insert(order, inherited, open_jobs)


def _inherit_from_failed(failed: Sequence[Job]) -> _Inherited:
    """What earlier jobs that failed may have done, and a password they never delivered."""
    inherited = _Inherited()
    for job in failed:
        inherited.take(job)
    held = [job.pk for job in failed if job.sealed_password is not None]
    if held:
        Job.objects.filter(pk__in=held, state=State.FAILED).update(sealed_password=None)
    return inherited


def removes(order: Order) -> bool:
    return operation_of(order) in REMOVES


def operation_of(order: Order) -> Operation:
    return Operation(order.verdict.kind.value)


def _never_left(order: Order, waiting: list[Job], running: list[Job]) -> bool:
    """Create and delete cancel each other only when no request can have been sent."""
    place = order.verdict.place
    if place is None or place.link is not None or running or not waiting:
        return False
    return not any(job.maybe_sent for job in waiting)


def _cancel_out(order: Order, waiting: list[Job]) -> Job:
    now = timezone.now()
    cancelled = Job.objects.filter(
        pk__in=[job.pk for job in waiting], state__in=WAITING
    ).update(
        state=State.CANCELLED,
        reason_code="never_sent",
        reason="deleted before it was sent",
        sealed_password=None,
        finished=now,
        updated=now,
    )
    if cancelled != len(waiting):
        # A worker took one just now: it may be under way, so the delete must follow it.
        return _insert(order, _Inherited(), waiting)
    job = _new_job(order, _Inherited(), [])
    job.state, job.finished = State.CANCELLED, now
    job.reason_code, job.reason = "never_sent", "it was never sent there"
    job.save(force_insert=True)
    return job


def _supersede(order: Order, waiting: list[Job], inherited: _Inherited) -> None:
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


def has_dependents(job: Job) -> bool:
    """Whether another entity's job waits for a name this one holds or frees."""
    keys = {key for key in (job.name_key, job.frees_key) if key}
    return (
        Job.objects.filter(
            connector_id=job.connector_id, is_open=True, position__gt=job.position
        )
        .filter(entity_type=job.entity_type)
        .exclude(entity_id=job.entity_id)
        .filter(Q(name_key__in=keys) | Q(frees_key__in=keys))
        .exists()
    )


def names(order: Order) -> tuple[str, str]:
    """`(name it will hold, name it gives up)` at the target, folded; empty for none."""
    verdict = order.verdict
    place = verdict.place
    wanted = key_of(verdict.remote_name)
    held = place.link.name_key if place and place.link else ""
    for job in place.open_jobs if place else ():
        if job.state == State.RUNNING:
            held = job.name_key or held
    if removes(order):
        return "", held or wanted
    return wanted, held if held != wanted else ""


def _insert(order: Order, inherited: _Inherited, open_jobs: list[Job]) -> Job:
    job = _new_job(order, inherited, open_jobs)
    job.save(force_insert=True)
    add_members(job, order.members)
    place = order.verdict.place
    for failed in place.failed_jobs if place else ():
        move_members(failed, job)
    return job


def _new_job(order: Order, inherited: _Inherited, open_jobs: list[Job]) -> Job:
    subject, verdict, now = order.subject, order.verdict, timezone.now()
    name_key, frees_key = names(order)
    row = verdict.row
    job = Job(
        id=new_id(),
        tenant=subject.tenant,
        connector=verdict.connector,
        target=row,
        change_id=order.change_id,
        door=order.door,
        blocking=order.blocking,
        entity_type=subject.type,
        entity_id=subject.id,
        entity_name=subject.name,
        version=subject.version,
        operation=operation_of(order),
        remote_name=verdict.remote_name,
        name_key=name_key,
        frees_key=frees_key,
        revision=verdict.connector.revision,
        maybe_sent=inherited.maybe_sent,
        not_before=order.start_at or now,
        give_up_at=now + timedelta(hours=verdict.connector.retry_hours),
        created=now,
        updated=now,
    )
    job.position = next_position(job, open_jobs)
    job.payload = payload_of(order, inherited.maybe_names)
    if not removes(order):
        password = order.password if order.password is not None else inherited.password
        job.password = password
    return job


def payload_of(order: Order, maybe_names: Sequence[str]) -> dict[str, Any]:
    payload = dict(order.verdict.payload)
    if listed := sorted({*maybe_names, *order.maybe_names}):
        payload["maybe_names"] = listed
    return payload


def next_position(job: Job, open_jobs: Sequence[Job]) -> int:
    """Microseconds of the clock, but after every job this one must follow."""
    keys = [key for key in (job.name_key, job.frees_key) if key]
    sharing = Job.objects.filter(connector_id=job.connector_id, is_open=True)
    highest = 0
    for field_name in ("name_key", "frees_key"):
        found = sharing.filter(**{f"{field_name}__in": keys}).aggregate(last=Max("position"))
        highest = max(highest, found["last"] or 0)
    own = max((other.position for other in open_jobs), default=0)
    return max(time.time_ns() // 1000, highest + 1, own + 1)


def _absorb(order: Order, job: Job) -> Job | None:
    """Bring a waiting group job up to date in place: its change-set costs what it adds.

    None when a worker took the job meanwhile.
    """
    payload = payload_of(order, job.payload.get("maybe_names", ()))
    job.payload = payload
    name_key, frees_key = names(order)
    if (name_key, frees_key) != (job.name_key, job.frees_key) and has_dependents(job):
        return None
    fields = {
        "sealed_payload": job.sealed_payload,
        "version": order.subject.version,
        "entity_name": order.subject.name,
        "remote_name": order.verdict.remote_name,
        "name_key": name_key,
        "frees_key": frees_key,
        "revision": order.verdict.connector.revision,
        "change_id": order.change_id,
        "updated": timezone.now(),
    }
    if not Job.objects.filter(pk=job.pk, state=State.PENDING).update(**fields):
        return None
    for name, value in fields.items():
        setattr(job, name, value)
    add_members(job, order.members)
    return job


def add_members(job: Job, members: Sequence[tuple[uuid.UUID, bool]]) -> None:
    """Merge rows into a job's change-set; the newer word on a member counts."""
    latest = dict(members)
    MemberChange.objects.bulk_create(
        [
            MemberChange(job=job, member_id=member, wanted=wanted)
            for member, wanted in latest.items()
        ],
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["job", "member_id"],
        update_fields=["wanted"],
    )


def move_members(older: Job, newer: Job) -> None:
    """Give a job's change-set to a newer one, whose own word counts where both speak."""
    if older.entity_type != EntityType.GROUP:
        return
    spoken = MemberChange.objects.filter(job=newer).values("member_id")
    MemberChange.objects.filter(job=older).exclude(member_id__in=spoken).update(job=newer)
    MemberChange.objects.filter(job=older).delete()
