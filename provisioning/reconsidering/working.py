"""Taking on what was asked for: batch by batch, each in a transaction of its own."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Sequence

from django.db import transaction

from connectors import EntityType
from idp import bulk
from idp.models import new_id
from provisioning import consequences, heldback, owed, records, subjects, turns, wake
from provisioning.changes import Door
from provisioning.models import AuditEvent, HeldBack, Reconsideration
from provisioning.outbox import enqueuing, withholding
from provisioning.outbox.orders import Order
from provisioning.reconsidering import choosing, judging
from provisioning.reconsidering.judging import Judged

TURN = 1.0
"""Seconds of work after which a worker looks after its deliveries again."""


def work() -> bool:
    """One turn; True when there is more to do."""
    ends = time.monotonic() + TURN
    for one in Reconsideration.objects.select_related("connector__provider__tenant"):
        if not _take_on(one, ends):
            return True
    return False


def _take_on(one: Reconsideration, ends: float) -> bool:
    """Work at it until it is over; False when the time is."""
    while time.monotonic() < ends:
        ids = choosing.candidates(one)
        _look_at(one, ids)
        # Asked for again meanwhile, it begins anew.
        unmoved = Reconsideration.objects.filter(pk=one.pk, created=one.created)
        if len(ids) < choosing.BATCH:
            return bool(unmoved.delete()[0])
        if not unmoved.update(after=ids[-1]):
            return False
        one.after = ids[-1]
    return False


def _look_at(one: Reconsideration, ids: Sequence[uuid.UUID]) -> None:
    """Read all together and lock only those of whom something comes."""
    found = judging.judge(one.connector, ids)
    _forget_gone(one, set(ids) - {judged.subject.id for judged in found})
    heldback.confirm(
        [
            (judged.waiting, judged.verdict)
            for judged in found
            if judged.waiting and not judged.freed
        ]
    )
    worth = [judged.subject.id for judged in found if judged.matters(one)]
    if not worth:
        return
    if turns.run(lambda _again: _reconsider(one, worth)):
        wake.wake([one.connector_id])


def _forget_gone(one: Reconsideration, ids: set[uuid.UUID]) -> None:
    if gone := ids - subjects.present(ids):
        HeldBack.objects.filter(connector=one.connector_id, entity_id__in=gone).delete()


def _reconsider(one: Reconsideration, ids: Collection[uuid.UUID]) -> bool:
    """Plan them again, as they are now; True when something is to be sent."""
    with transaction.atomic():
        subjects.lock(ids)
        found = judging.judge(one.connector, ids)
        withholding.remember(
            [(judged.subject, [judged.verdict]) for judged in found], known=True
        )
        owed.owe([judged.verdict for judged in found])
        orders = [_order(judged) for judged in found if judged.is_sent(one)]
        enqueuing.enqueue_all(orders)
        bulk.insert([_event(one, order) for order in orders])
    return bool(orders)


def _order(judged: Judged) -> Order:
    subject, verdict = judged.subject, judged.verdict
    is_group = subject.type is EntityType.GROUP
    return Order(
        subject=subject,
        verdict=verdict,
        change_id=new_id(),
        door=Door.RECONCILE,
        members=consequences.everyone_there(subject, verdict) if is_group else (),
    )


def _event(one: Reconsideration, order: Order) -> AuditEvent:
    row = order.verdict.row
    return records.entitlement(
        order.subject,
        [order.verdict],
        cause=one.cause,
        actor=one.actor,
        door=Door.RECONCILE,
        change_id=order.change_id,
        service_provider=row.service_provider if row else None,
    )
