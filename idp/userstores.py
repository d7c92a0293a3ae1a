"""The one narrow interface to what user stores hold: everything that writes is here.

Called by `provisioning.intake` inside its transaction. `DatabaseStore` keeps people in our
own tables; a directory-backed store would offer the same methods.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import IntegrityError
from django.db.models import F, QuerySet

from idp import bulk, queries, tallies, user_rows
from idp.models import Group, Membership, Tenant, User, UserStore, key_of, new_id
from idp.search_values import kept_paths, search_keys, search_row, search_rows

CHUNK = 5_000


class NameIsTaken(Exception):
    """The name, compared without case, belongs to another entity of the store.

    The transaction cannot go on after this."""


class UnknownMembers(Exception):
    """Some of the members are not users of the tenant; `ids` says which."""

    def __init__(self, ids: Sequence[uuid.UUID]) -> None:
        super().__init__(", ".join(str(member) for member in ids[:5]))
        self.ids = ids


@dataclass(frozen=True, slots=True)
class UserValues:
    """The columns of a user as they shall be; `password` is a hash, or None to keep it."""

    username: str
    external_id: str = ""
    active: bool = True
    document: Mapping[str, Any] = field(default_factory=dict)
    password: str | None = None


@dataclass(frozen=True, slots=True)
class MembershipDelta:
    added: Sequence[uuid.UUID] = ()
    removed: Sequence[uuid.UUID] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


class DatabaseStore:
    """Users and groups of one tenant in the database."""

    def __init__(self, tenant: Tenant, now: datetime) -> None:
        self.tenant = tenant
        self.now = now

    @cached_property
    def stores(self) -> dict[str, UserStore]:
        """The tenant's user stores by domain."""
        return queries.user_stores(self.tenant)

    # users

    def lock_user(self, user_id: uuid.UUID) -> User | None:
        """The user, locked until the transaction ends: its version orders its jobs."""
        user = user_rows.lock(self.tenant, user_id)
        if user is not None:
            user.tenant = self.tenant
        return user

    def new_user(
        self, store: UserStore, values: UserValues, user_id: uuid.UUID, version: int = 1
    ) -> User:
        """The unsaved row."""
        return User(
            id=user_id,
            tenant=self.tenant,
            store=store,
            username=values.username,
            username_key=key_of(values.username),
            external_id=values.external_id,
            active=values.active,
            document=dict(values.document),
            password=values.password or "",
            version=version,
            created=self.now,
            modified=self.now,
        )

    def insert_users(self, users: Sequence[User]) -> None:
        """Raises `NameIsTaken`; of many it does not say which."""
        try:
            bulk.insert(users)
        except IntegrityError as error:
            raise NameIsTaken(users[0].full_name) from error
        paths = kept_paths(self.tenant)
        bulk.insert([row for user in users for row in search_rows(user, paths)])
        tallies.move(self.tenant, "users", len(users))

    def names_taken(self, users: Sequence[User]) -> set[tuple[uuid.UUID, str]]:
        """`(store id, folded name)` of those whose names somebody has."""
        found = User.objects.filter(
            store__in={user.store_id for user in users},
            username_key__in={user.username_key for user in users},
        )
        return set(found.values_list("store_id", "username_key"))

    def update_user(self, user: User, values: UserValues) -> bool:
        """Bring a locked user to these values; False when they were so already.

        A new password alone is a change. Raises `NameIsTaken`.
        """
        wanted = {
            "username": values.username,
            "username_key": key_of(values.username),
            "external_id": values.external_id,
            "active": values.active,
            "document": dict(values.document),
        }
        if values.password is not None:
            wanted["password"] = values.password
        changed = {n: value for n, value in wanted.items() if getattr(user, n) != value}
        if not changed:
            return False
        paths = kept_paths(self.tenant)
        searched = search_keys(user.document, paths)
        try:
            user_rows.update(
                user, {**changed, "version": user.version + 1, "modified": self.now}
            )
        except IntegrityError as error:
            raise NameIsTaken(user.full_name) from error
        self._index(user, paths, searched)
        return True

    def delete_user(self, user: User) -> list[uuid.UUID]:
        """Delete a locked user; returns the groups it was in, whose versions moved."""
        groups = list(
            Group.objects.filter(memberships__user=user)
            .order_by("pk")
            .select_for_update(of=("self",))
            .values_list("pk", flat=True)
        )
        Group.objects.filter(pk__in=groups).update(
            member_count=F("member_count") - 1, version=F("version") + 1, modified=self.now
        )
        user.delete()
        tallies.move(self.tenant, "users", -1)
        return groups

    # groups

    def lock_group(self, group_id: uuid.UUID) -> Group | None:
        groups = Group.objects.select_related("store").select_for_update(of=("self",))
        return self._ours(groups.filter(tenant=self.tenant, pk=group_id).order_by())

    def lock_named_group(self, store: UserStore, name_key: str) -> Group | None:
        groups = Group.objects.select_related("store").select_for_update(of=("self",))
        return self._ours(groups.filter(store=store, name_key=name_key).order_by())

    def create_group(
        self,
        store: UserStore,
        name: str,
        external_id: str,
        group_id: uuid.UUID,
        version: int = 1,
    ) -> Group:
        """Raises `NameIsTaken`."""
        group = Group(
            id=group_id,
            tenant=self.tenant,
            store=store,
            name=name,
            name_key=key_of(name),
            external_id=external_id,
            version=version,
            created=self.now,
            modified=self.now,
        )
        try:
            bulk.insert([group])
        except IntegrityError as error:
            raise NameIsTaken(group.full_name) from error
        tallies.move(self.tenant, "groups", +1)
        return group

    def update_group(self, group: Group, name: str, external_id: str) -> bool:
        """Raises `NameIsTaken`."""
        if (group.name, group.external_id) == (name, external_id):
            return False
        group.name, group.name_key, group.external_id = name, key_of(name), external_id
        group.version += 1
        group.modified = self.now
        try:
            group.save(force_update=True)
        except IntegrityError as error:
            raise NameIsTaken(group.full_name) from error
        return True

    def delete_group(self, group: Group) -> None:
        Membership.objects.filter(group=group).delete()
        group.delete()
        tallies.move(self.tenant, "groups", -1)

    def set_members(self, group: Group, wanted: Sequence[uuid.UUID]) -> MembershipDelta:
        """Make these the members of a locked group. Reads the whole membership."""
        present = set(Membership.objects.filter(group=group).values_list("user_id", flat=True))
        keep = set(wanted)
        return self.change_members(group, list(keep - present), list(present - keep))

    def change_members(
        self, group: Group, add: Sequence[uuid.UUID], remove: Sequence[uuid.UUID]
    ) -> MembershipDelta:
        """Add and remove members of a locked group; costs what changes, not what it holds.

        Adding a member twice or removing a stranger is nothing. Raises `UnknownMembers`.
        """
        delta = MembershipDelta(self._add(group, add), self._remove(group, remove))
        if delta:
            group.member_count += len(delta.added) - len(delta.removed)
            group.version += 1
            group.modified = self.now
            group.save(update_fields=["member_count", "version", "modified"])
        return delta

    def _add(self, group: Group, add: Sequence[uuid.UUID]) -> list[uuid.UUID]:
        added: list[uuid.UUID] = []
        for ids in chunks(list(dict.fromkeys(add))):
            known = set(
                User.objects.filter(tenant=self.tenant, pk__in=ids).values_list("pk", flat=True)
            )
            if unknown := [member for member in ids if member not in known]:
                raise UnknownMembers(unknown)
            present = set(
                Membership.objects.filter(group=group, user_id__in=ids).values_list(
                    "user_id", flat=True
                )
            )
            new = [member for member in ids if member not in present]
            Membership.objects.bulk_create(
                [Membership(group=group, user_id=member) for member in new], batch_size=CHUNK
            )
            added += new
        return added

    def _remove(self, group: Group, remove: Sequence[uuid.UUID]) -> list[uuid.UUID]:
        removed: list[uuid.UUID] = []
        for ids in chunks(list(dict.fromkeys(remove))):
            rows = Membership.objects.filter(group=group, user_id__in=ids)
            removed += rows.values_list("user_id", flat=True)
            rows.delete()
        return removed

    # both

    def _ours(self, found: QuerySet[Group]) -> Group | None:
        for row in found:
            row.tenant = self.tenant
            return row
        return None

    def _index(self, user: User, paths: Sequence[str], before: set[tuple[str, str]]) -> None:
        """What can be searched by now, instead of what could be before."""
        wanted = search_keys(user.document, paths)
        for path, value in before - wanted:
            user_rows.forget_search_value(user, path, value)
        bulk.insert([search_row(user, *key) for key in sorted(wanted - before)])


def chunks(ids: list[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def fresh_id(given: uuid.UUID | None) -> uuid.UUID:
    return given or new_id()
