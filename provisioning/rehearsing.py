"""What a policy would change, before it is published. Reads only."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from idp.models import Membership, Tenant, User, UserStore
from provisioning import planning, policies, subjects
from provisioning.changes import Door
from provisioning.places import places_of, row_of
from provisioning.planning import Verdict
from provisioning.policies import compiled
from provisioning.policies.compiled import Compiled
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget

BATCH = 500
SECONDS = 5.0
EXAMPLES = 5


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
    """Ask the published and these policies about everybody, for as long as that."""
    rows = OutboundTarget.objects.filter(
        service_provider__tenant=tenant,
        service_provider__retired_at=None,
        enable_rules=True,
        connector__retired_at=None,
    ).select_related("service_provider", "connector__provider__tenant")
    effects = [Effect(row) for row in rows]
    now = compiled.of(tenant)
    ends, looked_at = time.monotonic() + seconds, 0
    for subject in _everybody(tenant):
        if effects and time.monotonic() > ends:
            return Rehearsal(effects, looked_at, complete=False)
        for effect in effects:
            _compare(effect, subject, now, chosen)
        looked_at += 1
    return Rehearsal(effects, looked_at, complete=True)


def _compare(effect: Effect, subject: Subject, now: Compiled, then: Compiled) -> None:
    row = effect.row
    before, after = (
        policies.rule_on(subject, row.connector, row.service_provider, "POST", policies=chosen)
        for chosen in (now, then)
    )
    if before.ok == after.ok and before.withdraws == after.withdraws:
        return
    effect.let_go += after.ok and not before.ok
    effect.held_back += before.ok and not after.ok
    effect.withdrawn += after.withdraws and not before.withdraws
    if len(effect.examples) < EXAMPLES:
        effect.examples.append(subject.name)


def _everybody(tenant: Tenant) -> Iterator[Subject]:
    """The tenant's users by id, some hundred at a time, with the names of their groups."""
    after: uuid.UUID | None = None
    while True:
        users = User.objects.filter(tenant=tenant).select_related("store", "tenant")
        if after is not None:
            users = users.filter(pk__gt=after)
        part = list(users.order_by("pk")[:BATCH])
        names = _groups([user.pk for user in part])
        for user in part:
            yield subjects.of_user(user, groups=names.get(user.pk, frozenset()))
        if len(part) < BATCH:
            return
        after = part[-1].pk


def _groups(users: Sequence[uuid.UUID]) -> dict[uuid.UUID, frozenset[str]]:
    rows = Membership.objects.filter(user_id__in=users).values_list(
        "user_id", "group__store__domain", "group__name"
    )
    found: dict[uuid.UUID, set[str]] = {}
    for user_id, domain, name in rows:
        found.setdefault(user_id, set()).add(UserStore(domain=domain).full_name(name))
    return {user_id: frozenset(names) for user_id, names in found.items()}
