"""What a service provider sees of people: the stores of its tenant, or who passes through.

One narrow interface for every door. Both answer `User` and `Group` objects; those of
`PassingReader` have no row of their own (see `provisioning.passing`).
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from django.db.models import Q, QuerySet

from connectors import EntityType
from idp import queries
from idp.models import Group, Tenant, User
from idp.queries import GroupRef, Member
from provisioning import passing
from provisioning.models import PassingEntity, PassingMember
from serviceproviders.models import ServiceProvider


class Reader(Protocol):
    def user_with_id(self, user_id: uuid.UUID) -> User | None: ...

    def group_with_id(self, group_id: uuid.UUID) -> Group | None: ...

    def user_named(self, full_name: str) -> User | None:
        """By full name (`kim`, `STAFF/kim`), compared without case; so the next one."""

    def group_named(self, full_name: str) -> Group | None: ...

    def groups_of_users(self, users: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, list[GroupRef]]:
        """Those a person is only said to be in have no id."""

    def members_of_groups(
        self, groups: Sequence[uuid.UUID]
    ) -> Mapping[uuid.UUID, list[Member]]: ...

    def members_of(self, group: Group) -> Iterator[Member]: ...


class StoreReader:
    """The users and groups of all stores of a tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    def user_with_id(self, user_id: uuid.UUID) -> User | None:
        return queries.user_with_id(self.tenant, user_id)

    def group_with_id(self, group_id: uuid.UUID) -> Group | None:
        return queries.group_with_id(self.tenant, group_id)

    def user_named(self, full_name: str) -> User | None:
        named = queries.named(queries.stores_of(self.tenant), full_name, "username_key")
        return queries.users_of(self.tenant).filter(named).first()

    def group_named(self, full_name: str) -> Group | None:
        named = queries.named(queries.stores_of(self.tenant), full_name, "name_key")
        return queries.groups_of(self.tenant).filter(named).first()

    def groups_of_users(self, users: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, list[GroupRef]]:
        return queries.groups_of_users(users)

    def members_of_groups(
        self, groups: Sequence[uuid.UUID]
    ) -> Mapping[uuid.UUID, list[Member]]:
        return queries.members_of_groups(groups)

    def members_of(self, group: Group) -> Iterator[Member]:
        return queries.members_of(group)


class PassingReader:
    """What one service provider sent onward, and nothing else."""

    def __init__(self, service_provider: ServiceProvider) -> None:
        self.service_provider = service_provider

    def user_with_id(self, user_id: uuid.UUID) -> User | None:
        row = self._rows(EntityType.USER).filter(pk=user_id).first()
        return passing.as_user(row) if row else None

    def group_with_id(self, group_id: uuid.UUID) -> Group | None:
        row = self._rows(EntityType.GROUP).filter(pk=group_id).first()
        return passing.as_group(row) if row else None

    def user_named(self, full_name: str) -> User | None:
        row = self._found(EntityType.USER, "name", full_name).first()
        return passing.as_user(row) if row else None

    def group_named(self, full_name: str) -> Group | None:
        row = self._found(EntityType.GROUP, "name", full_name).first()
        return passing.as_group(row) if row else None

    def groups_of_users(self, users: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, list[GroupRef]]:
        found: dict[uuid.UUID, list[GroupRef]] = defaultdict(list)
        rows = PassingMember.objects.filter(member__in=users).order_by("group_id")
        for one in rows.select_related("group__store"):
            found[one.member_id].append(GroupRef(one.group_id, one.group.full_name))
        for row in self._rows(EntityType.USER).filter(pk__in=users):
            listed = found[row.pk]
            known = [group.name for group in listed]
            said = passing.without_known(passing.said_groups(row), known)
            listed += [GroupRef(None, name) for name in said]
        return found

    def members_of_groups(
        self, groups: Sequence[uuid.UUID]
    ) -> Mapping[uuid.UUID, list[Member]]:
        """Without what people are called: that is sealed."""
        found: dict[uuid.UUID, list[Member]] = defaultdict(list)
        rows = PassingMember.objects.filter(group__in=groups).order_by("id")
        for group, member in rows.values_list("group_id", "member_id"):
            found[group].append(Member(member, ""))
        return found

    def members_of(self, group: Group) -> Iterator[Member]:
        return iter(self.members_of_groups([group.pk])[group.pk])

    # lists

    def count(self, kind: EntityType, by: str, value: str) -> int:
        return self._found(kind, by, value).order_by().count()

    def page(
        self,
        kind: EntityType,
        by: str,
        value: str,
        *,
        count: int,
        offset: int = 0,
        after: uuid.UUID | None = None,
    ) -> Sequence[User | Group]:
        """The entities whose `by` (id, name or external id) is that value, by id; with an
        empty `by` all of them."""
        rows = self._found(kind, by, value).order_by("id")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        return [passing.as_entity(row) for row in rows[offset : offset + count]]

    def _found(self, kind: EntityType, by: str, value: str) -> QuerySet[PassingEntity]:
        rows = self._rows(kind)
        return rows.filter(self._condition(by, value)) if by else rows

    def _condition(self, by: str, value: str) -> Q:
        if "\0" in value:
            return queries.NOTHING
        if by == "id":
            return Q(pk=value)
        if by == "external_id":
            return queries.with_external_id(value)
        return queries.named(queries.stores_of(self.service_provider.tenant), value, "name_key")

    def _rows(self, kind: EntityType) -> QuerySet[PassingEntity]:
        return passing.rows_of(self.service_provider, kind)


def reader_of(service_provider: ServiceProvider) -> Reader:
    if service_provider.dumb_mode:
        return PassingReader(service_provider)
    return StoreReader(service_provider.tenant)
