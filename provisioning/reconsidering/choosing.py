"""Which people of a reconsideration are worth a look: asked about together, many in a few
queries, since nothing has changed for most."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from connectors import EntityType
from idp.models import OutboundConnector
from provisioning import gates, policies, role_lists, subjects
from provisioning.changes import Door, Event
from provisioning.models import (
    REMOVES,
    HeldBack,
    Job,
    LinkState,
    ProvisionedEntity,
    Reconsideration,
    Whom,
)
from provisioning.policies import compiled
from provisioning.policies.compiled import Compiled
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget

BATCH = 200


def candidates(one: Reconsideration) -> Sequence[uuid.UUID]:
    """The next of those who may have to move, by id."""
    later = {"entity_id__gt": one.after} if one.after else {}
    there = ProvisionedEntity.objects.filter(
        connector=one.connector, state=LinkState.LINKED, **later
    )
    if one.whom == Whom.GROUPS:
        groups = there.filter(entity_type=EntityType.GROUP).order_by("entity_id")
        return list(groups.values_list("entity_id", flat=True)[:BATCH])
    held = HeldBack.objects.filter(connector=one.connector, **later)
    ids = set(held.order_by("entity_id").values_list("entity_id", flat=True)[:BATCH])
    if one.whom != Whom.HELD_BACK:
        ids |= set(there.order_by("entity_id").values_list("entity_id", flat=True)[:BATCH])
    if one.whom == Whom.ENTITLED:
        connector = one.connector
        people = role_lists.gainers(connector, connector.provider.provisioning_roles, one.lists)
        people = people.filter(pk__gt=one.after) if one.after else people
        ids |= set(people.order_by("pk").values_list("pk", flat=True)[:BATCH])
    return sorted(ids)[:BATCH]


def worth_a_look(one: Reconsideration, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of them for whom something may come of planning them again."""
    if one.whom == Whom.GROUPS:
        return set(ids)
    known = _known(one.connector, ids)
    people = {person.id: person for person in subjects.users(ids, passes=False)}
    return {pk for pk in ids if pk not in people or known.may_move(people[pk])}


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of some people at a connector: by whose row they are held back or were
    sent there, and whose account is on its way out."""

    connector: OutboundConnector
    held: dict[uuid.UUID, OutboundTarget]
    linked: dict[uuid.UUID, OutboundTarget | None]
    going: set[uuid.UUID]
    policies: Compiled

    def may_move(self, person: Subject) -> bool:
        """Somebody new there, let go, withdrawn, or not withdrawn after all."""
        held, linked = person.id in self.held, person.id in self.linked
        if person.id in self.going or not (held or linked):
            return True
        row = self.linked.get(person.id) or self.held.get(person.id)
        question = gates.Question(person, self.connector, row, Door.RECONCILE)
        if linked and not gates.provisioning_role(question).ok:
            return True
        if row is None or not row.enable_rules:
            return held
        ruling = policies.rule_on(
            person, self.connector, row.service_provider, Event.POST, policies=self.policies
        )
        return held if ruling.ok else linked and ruling.withdraws


def _known(connector: OutboundConnector, ids: Sequence[uuid.UUID]) -> _Known:
    held = HeldBack.objects.filter(connector=connector, entity_id__in=ids)
    links = ProvisionedEntity.objects.filter(
        connector=connector, entity_id__in=ids, state=LinkState.LINKED
    )
    going = Job.objects.filter(
        connector=connector, entity_id__in=ids, is_open=True, operation__in=REMOVES
    )
    sender = "target__service_provider"
    return _Known(
        connector,
        {row.entity_id: row.target for row in held.select_related(sender)},
        {link.entity_id: link.target for link in links.select_related(sender)},
        set(going.values_list("entity_id", flat=True)),
        compiled.of(connector.provider.tenant),
    )
