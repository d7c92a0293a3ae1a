"""The user or group a plan is about, read once and then frozen."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from django.db.models import F, QuerySet, UUIDField, Value

from connectors import EntityType
from idp.models import INTERNAL, Group, Membership, Tenant, User, UserStore
from idp.prepared import Parameter, Prepared
from provisioning import passing
from provisioning.models import PassingEntity, PassingMember

TOGETHER = 500
"""Users whose groups are read in one query."""


@dataclass(frozen=True, slots=True)
class Subject:
    """`exists` is False once it is deleted; then only what identifies it matters.

    `groups` are the full names of a user's groups and roles. `passes`: it is not stored,
    only sent onward (dumb mode).
    """

    tenant: Tenant
    type: EntityType
    id: uuid.UUID
    name: str
    version: int
    exists: bool = True
    external_id: str = ""
    active: bool = True
    store: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    passes: bool = False

    @property
    def is_role(self) -> bool:
        return self.type is EntityType.GROUP and self.store == INTERNAL


def of_user(
    user: User, *, exists: bool = True, groups: frozenset[str] | None = None
) -> Subject:
    """Costs one query for the names of the user's groups, unless they are given."""
    if groups is None:
        groups = group_names(user.pk) if exists else frozenset()
    return Subject(
        tenant=user.tenant,
        type=EntityType.USER,
        id=user.pk,
        name=user.full_name,
        version=user.version,
        exists=exists,
        external_id=user.external_id,
        active=user.active,
        store=user.store.domain,
        document=user.document,
        groups=groups,
    )


def of_group(group: Group, *, exists: bool = True) -> Subject:
    return Subject(
        tenant=group.tenant,
        type=EntityType.GROUP,
        id=group.pk,
        name=group.full_name,
        version=group.version,
        exists=exists,
        external_id=group.external_id,
        store=group.store.domain,
    )


def of_passing(row: PassingEntity, *, exists: bool = True) -> Subject:
    """Costs one query for a user's groups."""
    if row.entity_type == EntityType.GROUP:
        subject = of_group(passing.as_group(row), exists=exists)
    else:
        groups = {*passing.said_groups(row), *passing_group_names(row.pk)} if exists else set()
        subject = of_user(passing.as_user(row), exists=exists, groups=frozenset(groups))
    return replace(subject, passes=True)


_GROUPS = Prepared(
    lambda: Membership.objects.filter(user_id=Parameter("user", UUIDField())).values_list(
        "group__store__domain", "group__name"
    )
)


def group_names(user_id: uuid.UUID) -> frozenset[str]:
    return _full_names(_GROUPS.all(user=user_id))


def passing_group_names(user_id: uuid.UUID) -> frozenset[str]:
    rows = PassingMember.objects.filter(member_id=user_id)
    return _full_names(rows.values_list("group__store__domain", "group__name"))


def passing_groups(user_id: uuid.UUID) -> frozenset[str]:
    """All groups that somebody who passes through is in, or is said to be in."""
    row = _passing(EntityType.USER, [user_id]).first()
    return of_passing(row).groups if row else frozenset()


def _full_names(rows: Iterable[tuple[str, str]]) -> frozenset[str]:
    return frozenset(UserStore(domain=domain).full_name(name) for domain, name in rows)


def find(tenant: Tenant, entity_type: str, entity_id: uuid.UUID) -> Subject | None:
    """The subject as it is now, stored or passing through; None when it is gone."""
    stored = _find_stored(tenant, entity_type, entity_id)
    if stored is not None:
        return stored
    rows = _passing(entity_type, [entity_id]).filter(tenant=tenant)
    return next((of_passing(row) for row in rows), None)


def locked(tenant: Tenant, entity_id: uuid.UUID) -> Subject | None:
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
            return find(tenant, locked, entity_id)
    return None


def _find_stored(tenant: Tenant, entity_type: str, entity_id: uuid.UUID) -> Subject | None:
    if entity_type == EntityType.USER:
        user = (
            User.objects.select_related("store", "tenant")
            .filter(tenant=tenant, pk=entity_id)
            .first()
        )
        return of_user(user) if user else None
    group = (
        Group.objects.select_related("store", "tenant")
        .filter(tenant=tenant, pk=entity_id)
        .first()
    )
    return of_group(group) if group else None


def users(ids: Iterable[uuid.UUID], *, passes: bool) -> Iterator[Subject]:
    """Those of these users who are there: of the stores, or passing through."""
    if passes:
        yield from map(of_passing, _passing(EntityType.USER, ids).iterator(chunk_size=500))
        return
    found = User.objects.filter(pk__in=ids).select_related("store", "tenant")
    rows = found.iterator(chunk_size=TOGETHER)
    while part := list(islice(rows, TOGETHER)):
        yield from of_users(part)


def of_users(part: Sequence[User]) -> Iterator[Subject]:
    """Costs one query for the names of all their groups."""
    names: dict[uuid.UUID, list[tuple[str, str]]] = {}
    rows = Membership.objects.filter(user_id__in=[user.pk for user in part])
    for user_id, *name in rows.values_list("user_id", "group__store__domain", "group__name"):
        names.setdefault(user_id, []).append((name[0], name[1]))
    for user in part:
        yield of_user(user, groups=_full_names(names.get(user.pk, ())))


def several(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Subject]:
    """Those who are there: users and groups, stored or passing through. Costs two queries
    while they are stored users, and two for every further kind."""
    found: dict[uuid.UUID, Subject] = {}
    for read, passes in ((users, False), (groups, False), (users, True), (groups, True)):
        if left := [pk for pk in ids if pk not in found]:
            found |= {subject.id: subject for subject in read(left, passes=passes)}
    return found


def present(ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of them who are there, readable or not."""
    found: set[uuid.UUID] = set()
    for kind in (User, Group, PassingEntity):
        if left := set(ids) - found:
            rows = kind._default_manager.filter(pk__in=left)
            found |= set(rows.values_list("pk", flat=True))
    return found


def lock(ids: Collection[uuid.UUID]) -> None:
    """Take the row locks that order the jobs of these entities, always in the same order."""
    left = set(ids)
    for kind in (User, Group, PassingEntity):
        if left:
            rows = kind._default_manager.filter(pk__in=left).order_by("pk")
            left -= set(rows.select_for_update().values_list("pk", flat=True))


def groups(ids: Iterable[uuid.UUID], *, passes: bool) -> Iterator[Subject]:
    if passes:
        yield from map(of_passing, _passing(EntityType.GROUP, ids).order_by("pk"))
        return
    found = Group.objects.filter(pk__in=ids).select_related("store", "tenant")
    yield from map(of_group, found.order_by("pk"))


def _passing(entity_type: str, ids: Iterable[uuid.UUID]) -> QuerySet[PassingEntity]:
    rows = PassingEntity.objects.filter(pk__in=ids, entity_type=entity_type, deleted=None)
    return rows.select_related("store", "tenant")
