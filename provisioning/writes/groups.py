"""Writing a change of a group and its membership."""

from __future__ import annotations

from idp.models import Group, Membership
from idp.userstores import MembershipDelta, fresh_id
from provisioning import subjects
from provisioning.changes import Action, GroupData, InvalidValue, NotFound
from provisioning.writes.writer import Writer
from provisioning.writes.written import GroupDelta, Written


class GroupWriter(Writer):
    def write(self) -> Written:
        if self.change.action is Action.CREATE:
            return self._create_group()
        group = self.store.lock_group(self._id())
        if group is None:
            raise NotFound(f"there is no group {self._id()}", field="id")
        self._check_store(group.store, "displayName")
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
        return Written(
            subjects.of_group(group),
            group,
            True,
            deltas=deltas,
            is_new=self.change.entity_id is None,
        )

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

    def _group_data(self) -> GroupData:
        if self.change.group is None:
            raise InvalidValue("the change carries no group")
        return self.change.group
