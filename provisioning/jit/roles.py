"""Which groups a login gives and takes: only those the role mappings name, never roles of
our own (`Internal/…`), and nothing away that the identity provider has not given."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from idp import queries
from idp.models import INTERNAL, Group, User, key_of
from provisioning.jit.logins import Login
from provisioning.models import Association


@dataclass(frozen=True, slots=True)
class Roles:
    """`join` and `leave` are groups; `given` the ids of what it has given afterwards.

    `said`: the login said something of roles at all.
    """

    join: Sequence[Group] = ()
    leave: Sequence[Group] = ()
    given: Sequence[str] = field(default_factory=list)
    said: bool = False
    wanted: Sequence[Group] = ()


def decide(
    login: Login, row: Association, user: User | None, roles: Sequence[str] | None
) -> Roles:
    if roles is None:
        return Roles(given=row.given_groups)
    wanted = _wanted(login, roles)
    held = _held(user)
    join = [group for group in wanted if group.pk not in held]
    given = {uuid.UUID(one) for one in row.given_groups}
    gone = given - {group.pk for group in wanted}
    leave = list(
        Group.objects.filter(tenant=login.tenant, pk__in=gone & held).select_related("store")
    )
    kept = (given - gone) | {group.pk for group in join}
    return Roles(join, leave, sorted(map(str, kept)), True, wanted)


def _wanted(login: Login, roles: Sequence[str]) -> list[Group]:
    said = {key_of(role) for role in roles}
    local = [
        mapping.local
        for mapping in login.provider.role_mappings.all()
        if key_of(mapping.remote) in said
    ]
    stores = queries.stores_of(login.tenant)
    groups = Group.objects.filter(tenant=login.tenant).exclude(store__domain=INTERNAL)
    found = [
        groups.filter(queries.named(stores, name, "name_key")).select_related("store").first()
        for name in local
    ]
    return [group for group in found if group is not None]


def _held(user: User | None) -> set[uuid.UUID]:
    if user is None or user._state.adding:
        return set()
    held = queries.groups_of_users([user.pk]).get(user.pk, ())
    return {ref.id for ref in held if ref.id is not None}
