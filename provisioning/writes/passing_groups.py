"""Writing a change of a group that only passes through, and of its members."""

from __future__ import annotations

from idp.userstores import MembershipDelta
from provisioning import passing, subjects
from provisioning.changes import Action, GroupData, InvalidValue
from provisioning.models import PassingEntity, PassingMember
from provisioning.writes.passing import PassingWriter
from provisioning.writes.written import GroupDelta, Written

NAME = "displayName"


class PassingGroupWriter(PassingWriter):
    def write(self) -> Written:
        if data := self.change.group:
            self._lock_users([*data.add, *(data.members or ())])
        if self.change.action is Action.CREATE:
            return self._create()
        row = self._locked()
        if self.change.action is Action.DELETE:
            return self._delete(row)
        return self._update(row)

    def _create(self) -> Written:
        data = self._data()
        if not data.name:
            raise InvalidValue(f"{NAME}: a group needs a name", field=NAME)
        row = self._new_row(data.name, NAME)
        row.external_id = data.external_id or ""
        self._save(row)
        delta = self._edit_members(row, data.members or data.add, ())
        if delta:
            self._save(row)
        return self._written(row, delta, is_new=self.change.entity_id is None)

    def _update(self, row: PassingEntity) -> Written:
        data = self._data()
        before = (row.full_name, row.external_id)
        if data.name is not None:
            self._rename(row, data.name, NAME)
        if data.external_id is not None:
            row.external_id = data.external_id
        delta = self._members(row, data)
        changed = before != (row.full_name, row.external_id) or bool(delta)
        if changed:
            self._touch(row)
            self._save(row)
        undo = GroupData(before[0], before[1], add=delta.removed, remove=delta.added)
        return self._written(row, delta, before=undo, changed=changed)

    def _delete(self, row: PassingEntity) -> Written:
        rows = PassingMember.objects.filter(group=row)
        members = tuple(rows.values_list("member_id", flat=True))
        before = GroupData(row.full_name, row.external_id, members=members)
        self._touch(row)
        rows.delete()
        self._mark_deleted(row)
        return self._written(row, MembershipDelta(removed=members), before=before)

    def _members(self, row: PassingEntity, data: GroupData) -> MembershipDelta:
        if data.members is not None:
            return self._set_members(row, data.members)
        return self._edit_members(row, data.add, data.remove)

    def _written(
        self,
        row: PassingEntity,
        delta: MembershipDelta,
        *,
        before: GroupData | None = None,
        changed: bool = True,
        is_new: bool = False,
    ) -> Written:
        group = passing.as_group(row)
        return Written(
            subjects.of_passing(row, exists=row.deleted is None),
            group if row.deleted is None else None,
            changed,
            before=before,
            deltas=[GroupDelta(group, delta)] if delta else [],
            is_new=is_new,
        )

    def _data(self) -> GroupData:
        if self.change.group is None:
            raise InvalidValue("the change carries no group")
        return self.change.group
