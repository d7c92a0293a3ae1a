"""Writing a change of a user who only passes through."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from idp.models import User
from provisioning import passing, subjects
from provisioning.changes import Action, InvalidValue, SaidGroup, UserData
from provisioning.models import PassingEntity
from provisioning.writes.passing import PassingWriter
from provisioning.writes.users import differences, named
from provisioning.writes.written import GroupDelta, Written

NAME = "userName"


class PassingUserWriter(PassingWriter):
    def write(self) -> Written:
        if self.change.action is Action.CREATE:
            return self._create()
        row = self._locked()
        if self.change.action is Action.DELETE:
            return self._delete(row)
        return self._update(row)

    def _create(self) -> Written:
        data = self._data()
        row = self._new_row(data.name, NAME)
        row.external_id = data.external_id
        row.state = self._state(data, self._said(data, []))
        self._save(row)
        deltas = self._joined(row, data)
        if data.join:
            self._save(row)
        return Written(
            subjects.of_passing(row),
            passing.as_user(row),
            True,
            deltas=deltas,
            attributes=named(data),
            is_new=self.change.entity_id is None,
        )

    def _update(self, row: PassingEntity) -> Written:
        data = self._data()
        said = passing.said_groups(row)
        before = data_of(row)
        self._rename(row, data.name, NAME)
        row.external_id = data.external_id
        state = self._state(data, self._said(data, said))
        same = before == data_of(row) and state == row.state
        row.state = state
        deltas = self._joined(row, data)
        if same and row.state == state and not deltas and data.password is None:
            return Written(subjects.of_passing(row), passing.as_user(row), False)
        self._touch(row)
        self._save(row)
        return Written(
            subjects.of_passing(row),
            passing.as_user(row),
            True,
            before=before,
            deltas=deltas,
            attributes=differences(before, data),
        )

    def _delete(self, row: PassingEntity) -> Written:
        joined = sorted(subjects.passing_group_names(row.pk))
        before = data_of(row, join=joined)
        self._touch(row)
        subject = subjects.of_passing(row, exists=False)
        left = self._leave_groups(row)
        self._mark_deleted(row)
        return Written(subject, None, True, before=before, left_groups=left)

    def _state(self, data: UserData, said: Sequence[str]) -> dict[str, Any]:
        return {
            "document": dict(data.document),
            "active": data.active,
            "groups": list(said),
        }

    def _said(self, data: UserData, before: list[str]) -> list[str]:
        """The groups a request says the user is in: as before when it says nothing.

        One given by the id of a group that passes through too is no news: who is in that
        one is said there.
        """
        if data.groups is None:
            return before
        ours = self._ids_of_ours(data.groups)
        names = [said.name for said in data.groups if said.value not in ours]
        return passing.without_known(map(self._group_name, names), ())

    def _ids_of_ours(self, groups: Sequence[SaidGroup]) -> set[str]:
        ids = {key for said in groups if (key := _uuid(said.value))}
        if not ids:
            return set()
        rows = PassingEntity.objects.filter(
            pk__in=ids, service_provider=self.change.service_provider
        )
        return {str(pk) for pk in rows.values_list("pk", flat=True)}

    def _group_name(self, name: str) -> str:
        place, bare = self._place(name, "groups")
        return place.full_name(bare)

    def _joined(self, row: PassingEntity, data: UserData) -> list[GroupDelta]:
        """Into the groups that pass through; that the others were said goes into the state,
        which the caller saves."""
        deltas = []
        said = []
        for name in sorted(data.join):
            delta = self._join(row, name)
            if delta is None:
                said.append(self._group_name(name))
            elif delta.delta:
                deltas.append(delta)
        if said:
            state = row.state
            known = state["groups"]
            row.state = {**state, "groups": [*known, *passing.without_known(said, known)]}
        return deltas

    def _data(self) -> UserData:
        if self.change.user is None:
            raise InvalidValue("the change carries no user")
        return self.change.user


def data_of(row: PassingEntity, join: Sequence[str] = ()) -> UserData:
    user: User = passing.as_user(row)
    return UserData(
        name=user.full_name,
        document=dict(user.document),
        external_id=user.external_id,
        active=user.active,
        join=join,
        groups=[SaidGroup(name) for name in passing.said_groups(row)],
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
