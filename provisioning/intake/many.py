"""Many changes at once: new people share transactions, everything else goes one by one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from connectors import EntityType
from idp import bulk
from idp.models import Tenant
from provisioning import (
    consequences,
    heldback,
    logbook,
    planning,
    routes,
    spanned,
    turns,
    wake,
    writes,
)
from provisioning.changes import Accepted, Action, Change, Door, NameTaken, Refused
from provisioning.intake import recording
from provisioning.intake.one import accept
from provisioning.models import AuditEvent, Job
from provisioning.outbox import enqueuing
from provisioning.outbox.orders import Order
from provisioning.planning import Verdict
from provisioning.policies import compiled
from provisioning.routes import Routes
from provisioning.writes import NewUsers, Prepared, Written
from serviceproviders.models import ServiceProvider

TOGETHER = 250
"""People in one transaction: long enough to be fast, short enough that others get a turn."""

HASHES = 32
"""New passwords in one transaction: what a crash makes us hash again."""

Answer = Accepted | Refused


def accept_all(changes: Iterable[Change]) -> Iterator[Answer]:
    """What `accept` answers to each change, in their order; refusals are answers too.

    The same comes of it as of one `accept` after another, but a crash may keep the changes
    of whole transactions only. Lazy: changes are taken as answers are asked for.
    """
    for kind, run in groupby(changes, _kind):
        if kind is None or routes.of(kind[1]).blocking:
            yield from map(_one, run)
            continue
        while part := _part(run):
            yield from _together(part)


def _kind(change: Change) -> tuple[Tenant, ServiceProvider, Door] | None:
    """Changes of one kind may be stored together; None for those that go alone."""
    if (
        change.action is not Action.CREATE
        or change.entity_type is not EntityType.USER
        or change.entity_id is not None
        or writes.passes(change)
    ):
        return None
    return change.tenant, change.service_provider, change.door


def _part(run: Iterator[Change]) -> list[Change]:
    part: list[Change] = []
    hashes = 0
    for change in run:
        part.append(change)
        hashes += bool(change.user and change.user.password)
        if len(part) == TOGETHER or hashes == HASHES:
            break
    return part


def _prepared(changes: Sequence[Change]) -> list[Prepared]:
    """A hash takes half a second on purpose; threads share that between the processors."""
    if not any(change.user and change.user.password for change in changes):
        return [writes.prepare(change) for change in changes]
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="hashing") as pool:
        return list(pool.map(writes.prepare, changes))


def _one(change: Change) -> Answer:
    try:
        return accept(change)
    except Refused as error:
        return error


def _together(changes: Sequence[Change]) -> list[Answer]:
    with spanned.accepting_together(changes) as span:
        answers = _stored(changes)
        spanned.accepted_together(span, answers)
    return answers


def _stored(changes: Sequence[Change]) -> list[Answer]:
    prepared = _prepared(changes)
    try:
        answers, queued = turns.run(lambda _again: _store(prepared))
    except NameTaken:
        # Somebody else took a name between our look and our write.
        return [_one(change) for change in changes]
    logbook.accepted_together(changes, answers)
    if queued:
        wake.wake()
    return answers


def _store(prepared: Sequence[Prepared]) -> tuple[list[Answer], bool]:
    ways = routes.of(prepared[0].change.service_provider)
    with transaction.atomic(durable=True):
        new = writes.write_new_users(prepared, timezone.now())
        rules = compiled.of(prepared[0].change.tenant) if ways.ask_rules else None
        with spanned.planning():
            plans = [
                planning.plan(answer.subject, ways, one.change.door, {}, policies=rules)
                if isinstance(answer, Written)
                else []
                for one, answer in zip(prepared, new.answers, strict=True)
            ]
        jobs = _queue(prepared, new, plans, ways)
        answers: list[Answer] = []
        events: list[AuditEvent] = []
        for one, answer, verdicts in zip(prepared, new.answers, plans, strict=True):
            if isinstance(answer, Refused):
                answers.append(answer)
                continue
            events.append(recording.audit_event(one.change, answer, verdicts))
            queued = [(jobs[id(v)], v) for v in verdicts if id(v) in jobs]
            answers.append(recording.accepted(one.change, answer, verdicts, queued))
        heldback.remember(
            [
                (answer.subject, verdicts)
                for answer, verdicts in zip(new.answers, plans, strict=True)
                if isinstance(answer, Written)
            ]
        )
        bulk.insert(events)
    return answers, bool(jobs or new.deltas)


def _queue(
    prepared: Sequence[Prepared],
    new: NewUsers,
    plans: Sequence[Sequence[Verdict]],
    ways: Routes,
) -> dict[int, Job]:
    """The jobs by the identity of their verdicts; nobody new can have been anywhere."""
    orders = [
        Order(
            subject=answer.subject,
            verdict=verdict,
            change_id=one.change.id,
            door=one.change.door,
            password=one.change.user.password if one.change.user else None,
        )
        for one, answer, verdicts in zip(prepared, new.answers, plans, strict=True)
        if isinstance(answer, Written)
        for verdict in verdicts
        if verdict.kind in planning.SENDS
    ]
    jobs = enqueuing.enqueue_all(orders)
    consequences.join_groups(prepared[0].change, new.deltas, ways)
    return {id(order.verdict): job for order, job in zip(orders, jobs, strict=True)}
