"""Writing a change of a user."""

from __future__ import annotations

from collections.abc import Sequence

from idp.models import INTERNAL, User, UserStore, key_of
from idp.userstores import UserValues, fresh_id
from provisioning import subjects
from provisioning.changes import Action, InvalidValue, NotFound, UserData
from provisioning.writes.writer import Writer
from provisioning.writes.written import GroupDelta, Written


class UserWriter(Writer):
    def write(self) -> Written:
        if self.change.action is Action.CREATE:
            return self._create_user()
        user = self._locked_user()
        if self.change.action is Action.DELETE:
            return self._delete_user(user)
        return self._update_user(user)

    def _create_user(self) -> Written:
        user = self.new_user()
        self.store.insert_users([user])
        deltas = self._join(user, self._user_data().join)
        return self.created(user, deltas)

    def new_user(self) -> User:
        """The unsaved row. Raises `InvalidValue`."""
        data = self._user_data()
        place, username = self._place(data.name, "userName")
        if place.domain == INTERNAL:
            raise InvalidValue("userName: roles are not users", field="userName")
        user_id = fresh_id(self.change.entity_id)
        values = self._values(data, username)
        return self.store.new_user(place, values, user_id, self._version(user_id))

    def created(self, user: User, deltas: Sequence[GroupDelta]) -> Written:
        groups = frozenset(one.group.full_name for one in deltas)
        return Written(
            subjects.of_user(user, groups=groups),
            user,
            True,
            deltas=deltas,
            attributes=named(self._user_data()),
            is_new=self.change.entity_id is None,
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
        if not changed and not deltas:
            return Written(subjects.of_user(user, groups=frozenset()), user, False)
        return Written(
            subjects.of_user(user),
            user,
            True,
            before=before,
            deltas=deltas,
            attributes=differences(before, data),
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
        self._check_store(user.store, "userName")
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
        for name in sorted(names):
            locked = self.store.lock_named_group(*self.group_key(name))
            if locked is None:
                raise self.no_group(name)
            if delta := self.store.change_members(locked, [user.pk], []):
                deltas.append(GroupDelta(locked, delta))
        return deltas

    def group_key(self, name: str) -> tuple[UserStore, str]:
        place, bare = self._place(name, "groups")
        return place, key_of(bare)

    def no_group(self, name: str) -> InvalidValue:
        return InvalidValue(f"groups: there is no group {name}", field="groups")

    def _user_data(self) -> UserData:
        if self.change.user is None:
            raise InvalidValue("the change carries no user")
        return self.change.user


def user_data_of(user: User, join: Sequence[str] = ()) -> UserData:
    return UserData(
        name=user.full_name,
        document=dict(user.document),
        external_id=user.external_id,
        active=user.active,
        password_hash=user.password,
        join=join,
    )


def named(data: UserData) -> list[str]:
    return sorted({"userName", *data.document, *(["password"] if data.password else [])})


def differences(before: UserData, after: UserData) -> list[str]:
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
