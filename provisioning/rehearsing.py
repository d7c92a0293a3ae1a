"""What a policy would change, before it is published. Reads only."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from idp.models import Tenant, User
from provisioning import gates, planning, policies, subjects
from provisioning.changes import Door, Event
from provisioning.models import LinkState, ProvisionedEntity
from provisioning.places import places_of, row_of
from provisioning.planning import Verdict
from provisioning.policies import compiled
from provisioning.policies.compiled import Compiled
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget

BATCH = 500
SECONDS = 5.0
EXAMPLES = 5

Links = dict[tuple[uuid.UUID, uuid.UUID], uuid.UUID | None]


@dataclass(slots=True)
class Effect:
    """At one outbound row: how many people the rules would let go, or hold back, who are
    not now; some of their names."""

    row: OutboundTarget
    let_go: int = 0
    held_back: int = 0
    withdrawn: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`looked_at` of `people`; `complete` unless the time was over first."""

    effects: Sequence[Effect]
    looked_at: int
    complete: bool


def try_person(user: User, row: OutboundTarget, chosen: Compiled) -> Verdict:
    """What would become of them at that row with these policies."""
    subject = subjects.of_user(user)
    place = places_of(subject).get(row.connector_id)
    judge = row_of(place) or row
    return planning.judge(subject, row.connector, judge, place, Door.CONSOLE, policies=chosen)


def rehearse(tenant: Tenant, chosen: Compiled, seconds: float = SECONDS) -> Rehearsal:
    """Ask the published and these policies about everybody, for as long as that.

    Whom another gate keeps away is not counted; nor is anybody who only passes through.
    """
    rows = OutboundTarget.objects.filter(
        service_provider__tenant=tenant,
        service_provider__retired_at=None,
        enable_rules=True,
        connector__retired_at=None,
    ).select_related("service_provider", "connector__provider__tenant")
    effects = [Effect(row) for row in rows]
    now = compiled.of(tenant)
    ends, looked_at = time.monotonic() + seconds, 0
    for people in _everybody(tenant):
        links = _links(effects, people)
        for subject in people:
            if effects and time.monotonic() > ends:
                return Rehearsal(effects, looked_at, complete=False)
            for effect in effects:
                _compare(effect, subject, links, now, chosen)
            looked_at += 1
    return Rehearsal(effects, looked_at, complete=True)


def _compare(
    effect: Effect, subject: Subject, links: Links, now: Compiled, then: Compiled
) -> None:
    row = effect.row
    key = (row.connector_id, subject.id)
    if links.get(key, row.pk) not in (row.pk, None) or _kept_away(subject, row):
        return
    before, after = (
        policies.rule_on(subject, row.connector, row.service_provider, Event.POST, policies=one)
        for one in (now, then)
    )
    loses = key in links and after.withdraws and not before.withdraws
    if before.ok == after.ok and not loses:
        return
    effect.let_go += after.ok and not before.ok
    effect.held_back += before.ok and not after.ok
    effect.withdrawn += loses
    if len(effect.examples) < EXAMPLES:
        effect.examples.append(subject.name)


def _kept_away(subject: Subject, row: OutboundTarget) -> bool:
    question = gates.Question(subject, row.connector, row, Door.CONSOLE)
    others = (gate(question) for gate in gates.GATES if gate is not gates.rule)
    return not all(gate.ok for gate in others)


def _links(effects: Sequence[Effect], people: Sequence[Subject]) -> Links:
    """By connector and person: the row that sent whoever is there."""
    rows = ProvisionedEntity.objects.filter(
        connector_id__in={effect.row.connector_id for effect in effects},
        entity_id__in=[subject.id for subject in people],
        state=LinkState.LINKED,
    )
    found = rows.values_list("connector_id", "entity_id", "target_id")
    return {(connector, entity): target for connector, entity, target in found}


def _everybody(tenant: Tenant) -> Iterator[Sequence[Subject]]:
    """The tenant's users by id, some hundred at a time, with the names of their groups."""
    after: uuid.UUID | None = None
    while True:
        users = User.objects.filter(tenant=tenant).select_related("store", "tenant")
        if after is not None:
            users = users.filter(pk__gt=after)
        part = list(users.order_by("pk")[:BATCH])
        yield list(subjects.of_users(part))
        if len(part) < BATCH:
            return
        after = part[-1].pk
