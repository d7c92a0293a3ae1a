"""A change, written to the user store: the first half of `intake.accept`'s transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db.models import Max

from connectors import EntityType
from idp.models import INTERNAL, Group, Membership, Tenant, User, UserStore, key_of, split_name
from idp.userstores import (
    DatabaseStore,
    MembershipDelta,
    NameIsTaken,
    UnknownMembers,
    UserValues,
    fresh_id,
)
from provisioning import subjects
from provisioning.changes import (
    Action,
    Change,
    GroupData,
    InvalidValue,
    NameTaken,
    NotFound,
    UserData,
    VersionMoved,
)
from provisioning.models import Job
from provisioning.subjects import Subject


@dataclass(frozen=True, slots=True)
class GroupDelta:
    """A group whose membership changed, as it is now."""

    group: Group
    delta: MembershipDelta


@dataclass(frozen=True, slots=True)
class Written:
    """What a change did to the store. `before` is what would undo it."""

    subject: Subject
    entity: User | Group | None
    changed: bool
    before: UserData | GroupData | None = None
    deltas: Sequence[GroupDelta] = ()
    left_groups: Sequence[uuid.UUID] = ()
    attributes: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change with its password hashed: hashing takes far too long for a transaction."""

    change: Change
    password_hash: str | None = field(default=None, repr=False)


def prepare(change: Change) -> Prepared:
    data = change.user
    if data is None or change.action is Action.DELETE:
        return Prepared(change)
    if data.password is not None:
        return Prepared(change, make_password(data.password))
    return Prepared(change, data.password_hash)


def write(prepared: Prepared, now: datetime) -> Written:
    """Apply the change. Raises the `Refused` tree; runs in the caller's transaction."""
    change = prepared.change
    writer = _Writer(prepared, DatabaseStore(change.tenant, now))
    try:
        if change.entity_type is EntityType.USER:
            return writer.user()
        return writer.group()
    except NameIsTaken as error:
        kind = "userName" if change.entity_type is EntityType.USER else "displayName"
        raise NameTaken(f"{kind} {error} is taken", field=kind) from error
    except UnknownMembers as error:
        raise InvalidValue(
            f"members: there is no user with the id {error} in this tenant", field="members"
        ) from error


class _Writer:
    def __init__(self, prepared: Prepared, store: DatabaseStore) -> None:
        self.change = prepared.change
        self.password_hash = prepared.password_hash
        self.store = store

    # users

    def user(self) -> Written:
        if self.change.action is Action.CREATE:
            return self._create_user()
        user = self._locked_user()
        if self.change.action is Action.DELETE:
            return self._delete_user(user)
        return self._update_user(user)

    def _create_user(self) -> Written:
        data = self._user_data()
        place, username = self._place(data.name, "userName")
        if place.domain == INTERNAL:
            raise InvalidValue("userName: roles are not users", field="userName")
        user_id = fresh_id(self.change.entity_id)
        user = self.store.create_user(
            place, self._values(data, username), user_id, self._version(user_id)
        )
        deltas = self._join(user, data.join)
        return Written(
            subjects.of_user(user), user, True, deltas=deltas, attributes=_named(data)
        )

    def _update_user(self, user: User) -> Written:
        data = self._user_data()
        place, username = self._place(data.name, "userName")
        if place.pk != user.store_id:
            raise InvalidValue(
                f"userName: a user cannot move from {user.store} to {place}", field="userName"
            )
        before = user_data_of(user)
        changed = self.store.update_user(user, self._values(data, username))
        deltas = self._join(user, data.join)
        return Written(
            subjects.of_user(user),
            user,
            changed or bool(deltas),
            before=before,
            deltas=deltas,
            attributes=_differences(before, data),
        )

    def _delete_user(self, user: User) -> Written:
        names = sorted(subjects.group_names(user.pk))
        before = user_data_of(user, join=names)
        subject = subjects.of_user(user, exists=False)
        # The delete is a version of its own, after the last one that was stored.
        user.version += 1
        subject = subjects.of_user(user, exists=False)
        pk = user.pk
        groups = self.store.delete_user(user)
        user.pk = pk
        return Written(subject, None, True, before=before, left_groups=groups)

    def _locked_user(self) -> User:
        user = self.store.lock_user(self._id())
        if user is None:
            raise NotFound(f"there is no user {self._id()}", field="id")
        self._check_version(user.version)
        return user

    def _values(self, data: UserData, username: str) -> UserValues:
        return UserValues(
            username=username,
            external_id=data.external_id,
            active=data.active,
            document=data.document,
            password=self.password_hash,
        )

    def _join(self, user: User, names: Sequence[str]) -> list[GroupDelta]:
        deltas = []
        for name in names:
            place, bare = self._place(name, "groups")
            group = Group.objects.filter(store=place, name_key=key_of(bare)).first()
            locked = self.store.lock_group(group.pk) if group else None
            if locked is None:
                raise InvalidValue(f"groups: there is no group {name}", field="groups")
            if delta := self.store.change_members(locked, [user.pk], []):
                deltas.append(GroupDelta(locked, delta))
        return deltas

    # groups

    def group(self) -> Written:
        if self.change.action is Action.CREATE:
            return self._create_group()
        group = self.store.lock_group(self._id())
        if group is None:
            raise NotFound(f"there is no group {self._id()}", field="id")
        self._check_version(group.version)
        if self.change.action is Action.DELETE:
            return self._delete_group(group)
        return self._update_group(group)

    def _create_group(self) -> Written:
        data = self._group_data()
        if not data.name:
            raise InvalidValue("displayName: a group needs a name", field="displayName")
        place, name = self._place(data.name, "displayName")
        group_id = fresh_id(self.change.entity_id)
        group = self.store.create_group(
            place, name, data.external_id or "", group_id, self._version(group_id)
        )
        delta = self.store.change_members(group, data.members or data.add, ())
        deltas = [GroupDelta(group, delta)] if delta else []
        return Written(subjects.of_group(group), group, True, deltas=deltas)

    def _update_group(self, group: Group) -> Written:
        data = self._group_data()
        before = GroupData(name=group.full_name, external_id=group.external_id)
        name = group.name
        if data.name is not None:
            place, name = self._place(data.name, "displayName")
            if place.pk != group.store_id:
                raise InvalidValue(
                    f"displayName: a group cannot move from {group.store} to {place}",
                    field="displayName",
                )
        external_id = group.external_id if data.external_id is None else data.external_id
        changed = self.store.update_group(group, name, external_id)
        delta = self._members(group, data)
        undo = GroupData(
            name=before.name,
            external_id=before.external_id,
            add=delta.removed,
            remove=delta.added,
        )
        return Written(
            subjects.of_group(group),
            group,
            changed or bool(delta),
            before=undo,
            deltas=[GroupDelta(group, delta)] if delta else [],
        )

    def _members(self, group: Group, data: GroupData) -> MembershipDelta:
        if data.members is not None:
            return self.store.set_members(group, data.members)
        if data.add or data.remove:
            return self.store.change_members(group, data.add, data.remove)
        return MembershipDelta()

    def _delete_group(self, group: Group) -> Written:
        members = tuple(
            Membership.objects.filter(group=group).values_list("user_id", flat=True)
        )
        before = GroupData(name=group.full_name, external_id=group.external_id, members=members)
        group.version += 1
        subject = subjects.of_group(group, exists=False)
        pk = group.pk
        self.store.delete_group(group)
        group.pk = pk
        deltas = [GroupDelta(group, MembershipDelta(removed=members))] if members else []
        return Written(subject, None, True, before=before, deltas=deltas)

    # both

    def _place(self, name: str, field_name: str) -> tuple[UserStore, str]:
        """The store and the bare name of a full name. Raises `InvalidValue`."""
        if not name or len(name) > 255 or any(ord(char) < 32 for char in name):
            raise InvalidValue(
                f"{field_name}: a name has 1 to 255 characters and no control characters",
                field=field_name,
            )
        stores = stores_of(self.change.tenant)
        domain, bare = split_name(name, set(stores))
        return stores[domain], bare

    def _version(self, entity_id: uuid.UUID) -> int:
        """1, or for an entity that is restored one more than its jobs have seen."""
        if self.change.entity_id is None:
            return 1
        last = Job.objects.filter(entity_id=entity_id).aggregate(last=Max("version"))["last"]
        return (last or 0) + 1

    def _check_version(self, version: int) -> None:
        expected = self.change.expected_version
        if expected is not None and expected != version:
            raise VersionMoved("it was changed by somebody else meanwhile", field="version")

    def _id(self) -> uuid.UUID:
        if self.change.entity_id is None:
            raise NotFound("an update or delete needs the id", field="id")
        return self.change.entity_id

    def _user_data(self) -> UserData:
        if self.change.user is None:
            raise InvalidValue("the change carries no user")
        return self.change.user

    def _group_data(self) -> GroupData:
        if self.change.group is None:
            raise InvalidValue("the change carries no group")
        return self.change.group


def stores_of(tenant: Tenant) -> dict[str, UserStore]:
    return {store.domain: store for store in UserStore.objects.filter(tenant=tenant)}


def user_data_of(user: User, join: Sequence[str] = ()) -> UserData:
    return UserData(
        name=user.full_name,
        document=dict(user.document),
        external_id=user.external_id,
        active=user.active,
        password_hash=user.password,
        join=join,
    )


def _named(data: UserData) -> list[str]:
    return sorted({"userName", *data.document, *(["password"] if data.password else [])})


def _differences(before: UserData, after: UserData) -> list[str]:
    """The names of what changed, for the audit trail: values stay out of it."""
    found = {
        name
        for name in {*before.document, *after.document}
        if before.document.get(name) != after.document.get(name)
    }
    for name, attribute in (
        ("name", "userName"),
        ("external_id", "externalId"),
        ("active", "active"),
    ):
        if getattr(before, name) != getattr(after, name):
            found.add(attribute)
    if after.password is not None:
        found.add("password")
    return sorted(found)
