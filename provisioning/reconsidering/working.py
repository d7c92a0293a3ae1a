"""Taking on what was asked for: batch by batch, each person in a transaction of their own."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.db.models import F, Value

from connectors import EntityType
from idp import bulk
from idp.models import Group, Tenant, User, new_id
from provisioning import (
    consequences,
    heldback,
    owed,
    planning,
    records,
    subjects,
    turns,
    wake,
)
from provisioning.changes import Door
from provisioning.models import HeldBack, PassingEntity, Reconsideration, Whom
from provisioning.outbox import enqueuing
from provisioning.outbox.orders import Order
from provisioning.places import places_of, row_of
from provisioning.planning import Kind, Verdict
from provisioning.reconsidering import choosing
from provisioning.role_lists import row_for_new
from provisioning.subjects import Subject

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
        last = _look_at(one, ids, ends)
        # Asked for again meanwhile, it begins anew.
        unmoved = Reconsideration.objects.filter(pk=one.pk, created=one.created)
        if not ids or (len(ids) < choosing.BATCH and last == ids[-1]):
            return bool(unmoved.delete()[0])
        if not unmoved.update(after=last):
            return False
        one.after = last
    return False


def _look_at(one: Reconsideration, ids: Sequence[uuid.UUID], ends: float) -> uuid.UUID | None:
    """Those who are worth it, one after another while there is time; the last of the ids
    that are done."""
    worth, queued, done = choosing.worth_a_look(one, ids), False, None
    for done in ids:
        if done in worth:
            queued |= turns.run(partial(_reconsider, one, done))
            if time.monotonic() > ends:
                break
    if queued:
        wake.wake([one.connector_id])
    return done


def _reconsider(one: Reconsideration, entity_id: uuid.UUID, _again: bool) -> bool:
    """Plan one entity again; True when something is to be sent."""
    held = HeldBack.objects.filter(connector=one.connector_id, entity_id=entity_id)
    with transaction.atomic():
        subject = _locked(one.connector.provider.tenant, entity_id)
        if subject is None:
            held.delete()
            return False
        place = places_of(subject).get(one.connector_id)
        waiting = held.select_related("target__service_provider").first()
        row = row_of(place) or (waiting.target if waiting else row_for_new(one.connector))
        verdict = planning.judge(subject, one.connector, row, place, Door.RECONCILE)
        freed = heldback.remember([(subject, [verdict])], known=waiting is not None)
        owed.owe([verdict])
        # Whoever was held back lacks more than an account: what has changed meanwhile.
        if not (verdict.moves or _lacks(one, verdict, freed=bool(freed))):
            return False
        _queue(one, subject, verdict)
    return True


def _lacks(one: Reconsideration, verdict: Verdict, *, freed: bool) -> bool:
    if verdict.kind is not Kind.UPDATE:
        return False
    link = verdict.place.link if verdict.place else None
    renamed = link is not None and link.remote_name != verdict.remote_name
    return freed or (one.whom == Whom.GROUPS and renamed)


def _queue(one: Reconsideration, subject: Subject, verdict: Verdict) -> None:
    members: list[tuple[uuid.UUID, bool]] = []
    if subject.type is EntityType.GROUP:
        members = consequences.everyone_there(subject, verdict)
    change_id = new_id()
    enqueuing.enqueue(
        Order(
            subject=subject,
            verdict=verdict,
            change_id=change_id,
            door=Door.RECONCILE,
            members=members,
        )
    )
    event = records.entitlement(
        subject,
        [verdict],
        cause=one.cause,
        actor=one.actor,
        door=Door.RECONCILE,
        change_id=change_id,
        service_provider=verdict.row.service_provider if verdict.row else None,
    )
    bulk.insert([event])


def _locked(tenant: Tenant, entity_id: uuid.UUID) -> Subject | None:
    """The entity as it is now, its row locked: that orders its jobs."""
    rows = (
        (User.objects, Value(EntityType.USER.value)),
        (Group.objects, Value(EntityType.GROUP.value)),
        (PassingEntity.objects, F("entity_type")),
    )
    for manager, kind in rows:
        found = manager.filter(tenant=tenant, pk=entity_id).annotate(kind=kind)
        locked = found.select_for_update().values_list("kind", flat=True).first()
        if locked is not None:
            return subjects.find(tenant, locked, entity_id)
    return None
