"""Queueing a job: superseding, absorbing, cancelling out, and its place in the order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from connectors import EntityType
from idp import bulk
from idp.models import new_id
from provisioning import causes, events, traces
from provisioning.models import REMOVES, Job, State
from provisioning.outbox import guarding
from provisioning.outbox.change_sets import add_members, move_members
from provisioning.outbox.orders import (
    Order,
    has_dependents,
    names,
    operation_of,
    place_in_line,
    removes,
)
from provisioning.outbox.superseding import WAITING, Inherited, inherit_from_failed, supersede


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
    inherited = inherit_from_failed(place.failed_jobs if place else ())
    superseded = supersede(order, waiting, inherited)
    job = _insert(order, inherited, open_jobs)
    for older in reversed([*(place.failed_jobs if place else ()), *superseded]):
        move_members(older, job)
    _stay_held(job, inherited)
    return job


def _stay_held(job: Job, inherited: Inherited) -> None:
    """What the deletion guard holds is not let go by a newer change that removes as much."""
    if not inherited.held_because:
        return
    if guarding.takes_away(job.connector, job) or guarding.takes_out_members(job):
        guarding.hold(job.connector, [job], inherited.held_because, timezone.now())
        job.state, job.reason = State.HELD, inherited.held_because


def enqueue_all(orders: Sequence[Order]) -> list[Job]:
    """What `enqueue` makes of each, in their order; those that have nothing before them and
    no members go in together."""
    together = {id(order): _made(order, Inherited()) for order in orders if _is_first(order)}
    jobs = list(together.values())
    if jobs:
        place_in_line(jobs)
        bulk.insert(jobs)
    return [together.get(id(order)) or enqueue(order) for order in orders]


def _is_first(order: Order) -> bool:
    place = order.verdict.place
    return not order.members and (place is None or not (place.open_jobs or place.failed_jobs))


def _never_left(order: Order, waiting: list[Job], running: list[Job]) -> bool:
    """Create and delete cancel each other only when no request can have been sent, neither
    for what waits nor for what was given up before."""
    place = order.verdict.place
    if place is None or place.link is not None or running or not waiting:
        return False
    return not any(job.maybe_sent for job in (*waiting, *place.failed_jobs))


def _cancel_out(order: Order, waiting: list[Job]) -> Job:
    now = timezone.now()
    ids = [job.pk for job in waiting]
    cancelled = Job.objects.filter(pk__in=ids, state__in=WAITING, maybe_sent=False).update(
        state=State.CANCELLED,
        reason_code="never_sent",
        reason="deleted before it was sent",
        sealed_password=None,
        finished=now,
        updated=now,
    )
    over = (State.CANCELLED, "never_sent", "deleted before it was sent")
    if cancelled != len(waiting):
        # A worker took one just now: it may be under way, or was sent, so the delete must
        # follow it.
        gone = set(Job.objects.filter(pk__in=ids, state=over[0]).values_list("pk", flat=True))
        events.of_alike(order.subject.tenant, [j for j in waiting if j.pk in gone], *over)
        return _insert(order, Inherited(), waiting)
    job = _new_job(order, Inherited(), [])
    job.state, job.finished = State.CANCELLED, now
    job.reason_code, job.reason = "never_sent", "it was never sent there"
    bulk.insert([job])
    events.of_alike(order.subject.tenant, [*waiting, job], *over)
    return job


def _insert(order: Order, inherited: Inherited, open_jobs: list[Job]) -> Job:
    job = _new_job(order, inherited, open_jobs)
    bulk.insert([job])
    add_members(job, order.members)
    return job


def _new_job(order: Order, inherited: Inherited, open_jobs: list[Job]) -> Job:
    job = _made(order, inherited)
    place_in_line([job], after=max((other.position for other in open_jobs), default=0))
    return job


def _made(order: Order, inherited: Inherited) -> Job:
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
        disables=verdict.disables,
        not_before=order.start_at or now,
        give_up_at=now + timedelta(hours=verdict.connector.retry_hours),
        created=now,
        updated=now,
    )
    job.guarded = inherited.guarded and guarding.takes_away(verdict.connector, job)
    payload = inherited.trace.into(dict(order.verdict.payload))
    job.payload = causes.into(payload, inherited.causes)
    if not removes(order):
        password = order.password if order.password is not None else inherited.password
        job.password = password
    return job


def _absorb(order: Order, job: Job) -> Job | None:
    """Bring a waiting group job up to date in place: its change-set costs what it adds.

    None when a worker took the job meanwhile, when it is held or removes the group, and
    when its key is missing.
    """
    if job.operation in REMOVES or not job.can_be_read:
        return None
    older = job.payload
    payload = traces.carried(older).into(dict(order.verdict.payload))
    job.payload = causes.into(payload, causes.of(older))
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
    if order.blocking:
        fields |= {"blocking": True, "not_before": order.start_at or job.not_before}
    if not Job.objects.filter(pk=job.pk, state=State.PENDING).update(**fields):
        return None
    for name, value in fields.items():
        setattr(job, name, value)
    add_members(job, order.members)
    return job
