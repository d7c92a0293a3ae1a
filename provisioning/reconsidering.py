"""Planning many people of a connector again: when policies or provisioning roles changed, and
now and then for rules that ask for the time.

A reconsideration is a row; a tick takes it on, some people at a time, each in a transaction
of its own. Whoever is entitled now is sent, whoever is not any more is withdrawn (by way of
the deletion guard), and nothing is written to the user store.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import F, Q, Value

from connectors import EntityType
from idp import bulk
from idp.models import (
    Group,
    IdentityProvider,
    OnDeny,
    OutboundConnector,
    Tenant,
    User,
    new_id,
)
from provisioning import consequences, heldback, owed, planning, records, subjects, turns, wake
from provisioning.changes import Door
from provisioning.models import (
    HeldBack,
    LinkState,
    PassingEntity,
    PolicyRevision,
    ProvisionedEntity,
    Reconsideration,
    Whom,
)
from provisioning.outbox import enqueuing
from provisioning.outbox.orders import Order
from provisioning.places import places_of, row_of
from provisioning.planning import Kind, Verdict
from provisioning.subjects import Subject
from serviceproviders.models import RESIDENT, OutboundTarget

BATCH = 200
TURN = 1.0
"""Seconds of work after which a worker looks after its deliveries again."""


def ask(connectors: Iterable[OutboundConnector], whom: Whom, cause: str, *, actor: str) -> None:
    """Have these connectors' people planned again; asked twice, it begins anew."""
    for connector in connectors:
        Reconsideration.objects.update_or_create(
            connector=connector,
            whom=whom,
            defaults={
                "tenant_id": connector.provider.tenant_id,
                "cause": cause[:190],
                "actor": actor,
                "after": None,
            },
        )


@dataclass(frozen=True, slots=True)
class Moves:
    """How many accounts another list of provisioning roles would make and withdraw."""

    creates: int = 0
    withdraws: int = 0

    def __add__(self, other: Moves) -> Moves:
        return Moves(self.creates + other.creates, self.withdraws + other.withdraws)


def moves(provider: IdentityProvider, roles: Sequence[str]) -> Moves:
    """What would follow if these were its provisioning roles; rules are not asked."""
    holders = User.objects.filter(tenant=provider.tenant)
    if roles:
        groups = consequences.groups_called(provider.tenant, roles)
        holders = holders.filter(memberships__group__in=groups)
    total = Moves()
    for connector in provider.connectors.filter(retired_at=None, enabled=True):
        linked = ProvisionedEntity.objects.filter(
            connector=connector, entity_type=EntityType.USER, state=LinkState.LINKED
        )
        new = holders.exclude(pk__in=linked.values("entity_id")).order_by()
        losing = linked.exclude(entity_id__in=holders.order_by().values("pk"))
        creates = new.values("pk").distinct().count() if _row_for_new(connector) else 0
        total += Moves(creates, losing.count())
    return total


def follow_roles(provider: IdentityProvider, *, actor: str) -> None:
    """Its provisioning roles are others now: everybody is planned again."""
    live = provider.connectors.filter(retired_at=None).select_related("provider")
    ask(live, Whom.EVERYBODY, "provisioning roles changed", actor=actor)


def follow_policies() -> None:
    """Where policies changed: whom a rule holds back, and, where a Deny withdraws,
    everybody who is there."""
    changed = PolicyRevision.objects.exclude(number=F("reconsidered"))
    for revision in changed.select_related("tenant"):
        with transaction.atomic():
            for row in _with_rules(revision.tenant):
                withdraws = row.connector.on_deny == OnDeny.WITHDRAW
                whom = Whom.EVERYBODY if withdraws else Whom.HELD_BACK
                ask([row.connector], whom, "policies changed", actor="engine")
            PolicyRevision.objects.filter(pk=revision.pk).update(reconsidered=revision.number)


def ask_by_the_clock() -> None:
    """Everybody whom a rule holds back: it may be another time now."""
    waiting = HeldBack.objects.order_by().values("connector_id").distinct()
    found = OutboundConnector.objects.filter(pk__in=waiting, retired_at=None)
    ask(found.select_related("provider"), Whom.HELD_BACK, "by the clock", actor="engine")


def _with_rules(tenant: Tenant) -> list[OutboundTarget]:
    rows = OutboundTarget.objects.filter(enable_rules=True, service_provider__tenant=tenant)
    return list(rows.select_related("connector__provider"))


def work() -> bool:
    """One turn; True when there is more to do."""
    ends = time.monotonic() + TURN
    for one in Reconsideration.objects.select_related("connector__provider__tenant"):
        if not _take_on(one, ends):
            return True
    return False


def _take_on(one: Reconsideration, ends: float) -> bool:
    """Work at it until it is over; False when the time is."""
    # Asked for again meanwhile, `after` is another: then it begins anew.
    unmoved = Reconsideration.objects.filter(pk=one.pk)
    while time.monotonic() < ends:
        ids = _next(one)
        for entity_id in ids:
            turns.run(partial(_reconsider, one, entity_id))
        if len(ids) < BATCH:
            unmoved.filter(after=one.after).delete()
            return True
        if not unmoved.filter(after=one.after).update(after=ids[-1]):
            return False
        one.after = ids[-1]
    return False


def _next(one: Reconsideration) -> Sequence[uuid.UUID]:
    """The next entities, by id."""
    later = Q(entity_id__gt=one.after) if one.after else Q()
    held = HeldBack.objects.filter(later, connector=one.connector)
    ids = set(held.order_by("entity_id").values_list("entity_id", flat=True)[:BATCH])
    if one.whom == Whom.EVERYBODY:
        there = ProvisionedEntity.objects.filter(
            later, connector=one.connector, state=LinkState.LINKED
        )
        ids |= set(there.order_by("entity_id").values_list("entity_id", flat=True)[:BATCH])
        ids |= _entitled(one)
    return sorted(ids)[:BATCH]


def _entitled(one: Reconsideration) -> set[uuid.UUID]:
    """People who may have to be there: holders of a provisioning role, or everybody."""
    if _row_for_new(one.connector) is None:
        return set()
    users = User.objects.filter(tenant_id=one.tenant_id)
    if one.after:
        users = users.filter(pk__gt=one.after)
    roles = one.connector.provider.provisioning_roles
    if roles:
        groups = consequences.groups_called(one.connector.provider.tenant, roles)
        users = users.filter(memberships__group__in=groups).distinct()
    return set(users.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _reconsider(one: Reconsideration, entity_id: uuid.UUID, _again: bool) -> None:
    with transaction.atomic():
        subject = _locked(one.connector.provider.tenant, entity_id)
        if subject is None:
            HeldBack.objects.filter(connector=one.connector, entity_id=entity_id).delete()
            return
        place = places_of(subject).get(one.connector_id)
        held = HeldBack.objects.filter(connector=one.connector, entity_id=entity_id)
        waiting = held.select_related("target__service_provider").first()
        row = row_of(place) or (waiting.target if waiting else _row_for_new(one.connector))
        verdict = planning.judge(subject, one.connector, row, place, Door.RECONCILE)
        heldback.remember([(subject, [verdict])])
        owed.owe([verdict])
        # Whoever was held back lacks more than an account: what has changed meanwhile.
        if verdict.moves or (waiting is not None and verdict.kind is Kind.UPDATE):
            _queue(one, subject, verdict)


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
    wake.wake([verdict.connector.pk])


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


def _row_for_new(connector: OutboundConnector) -> OutboundTarget | None:
    """Whose row sends somebody who is nowhere yet: the resident service provider's, else the
    only one there is."""
    rows = OutboundTarget.objects.filter(
        connector=connector, service_provider__retired_at=None
    ).select_related("service_provider")
    found = list(rows[:50])
    resident = [row for row in found if row.service_provider.name == RESIDENT]
    return resident[0] if resident else found[0] if len(found) == 1 else None
