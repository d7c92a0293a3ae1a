"""Writing who only passes through: the row that is kept while targets have them (dumb mode)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import IntegrityError
from django.db.models import F, QuerySet

from connectors import EntityType
from idp.models import INTERNAL, UserStore, key_of
from idp.userstores import MembershipDelta, NameIsTaken, chunks, fresh_id
from provisioning import passing
from provisioning.changes import InvalidValue, NameTaken, NotFound
from provisioning.models import PassingEntity, PassingMember
from provisioning.writes.writer import Writer
from provisioning.writes.written import GroupDelta


class PassingWriter(Writer):
    """A service provider reaches its own; its user store means nothing, as none is used."""

    @property
    def _inbound_store(self) -> UserStore | None:
        return None

    def _rows(self) -> QuerySet[PassingEntity]:
        sp = self.change.service_provider
        return PassingEntity.objects.filter(
            tenant=self.change.tenant,
            service_provider=sp,
            entity_type=self.change.entity_type,
        )

    def _locked(self) -> PassingEntity:
        """Its version orders its jobs. Raises `NotFound` and `VersionMoved`."""
        rows = self._rows().filter(pk=self._id(), deleted=None).select_related("store")
        row = rows.order_by().select_for_update(of=("self",)).first()
        if row is None:
            raise NotFound(f"there is no {self.change.entity_type} {self._id()}", field="id")
        row.tenant = self.change.tenant
        self._check_version(row.version)
        return row

    def _new_row(self, name: str, field: str) -> PassingEntity:
        """A new row, or that of a deleted entity which is restored. Not saved yet."""
        place, bare = self._place(name, field)
        if place.domain == INTERNAL:
            raise InvalidValue(
                f"{field}: roles are never sent onward, and nothing is stored here", field=field
            )
        entity_id = fresh_id(self.change.entity_id)
        row = None
        if self.change.entity_id is not None:
            rows = self._rows().filter(pk=entity_id).order_by()
            row = rows.select_for_update(of=("self",)).first()
        if row is not None and row.deleted is None:
            raise NameTaken(f"{field} {name} is taken", field=field)
        last = row.version if row else 0
        if row is None:
            row = PassingEntity(
                id=entity_id,
                service_provider=self.change.service_provider,
                entity_type=self.change.entity_type,
                created=self.store.now,
            )
        row.tenant, row.store, row.deleted = self.change.tenant, place, None
        row.name, row.name_key = bare, key_of(bare)
        row.version = max(last + 1, self._version(entity_id))
        row.modified = self.store.now
        return row

    def _rename(self, row: PassingEntity, name: str, field: str) -> None:
        place, bare = self._place(name, field)
        if place.pk != row.store_id:
            raise InvalidValue(
                f"{field}: it cannot move from {row.store} to {place}", field=field
            )
        row.name, row.name_key = bare, key_of(bare)

    def _touch(self, row: PassingEntity) -> None:
        row.version += 1
        row.modified = self.store.now

    def _save(self, row: PassingEntity) -> None:
        """Raises `NameIsTaken`."""
        try:
            row.save()
        except IntegrityError as error:
            raise NameIsTaken(row.full_name) from error

    def _mark_deleted(self, row: PassingEntity) -> None:
        row.deleted, row.member_count = self.store.now, 0
        row.state = None
        row.save()

    # members

    def _lock_users(self, ids: Sequence[uuid.UUID]) -> None:
        """Whoever is to join a group is not deleted meanwhile: a deleted one keeps its row
        for a while, so no foreign key would tell. People before groups, everywhere."""
        users = passing.rows_of(self.change.service_provider, EntityType.USER)
        for part in chunks(sorted(set(ids))):
            rows = users.filter(pk__in=part).order_by("pk")
            list(rows.select_for_update(of=("self",), no_key=True).values_list("pk"))

    def _edit_members(
        self, group: PassingEntity, add: Sequence[uuid.UUID], remove: Sequence[uuid.UUID]
    ) -> MembershipDelta:
        """Costs what changes. Sets the count, which the caller saves."""
        delta = MembershipDelta(self._add(group, add), self._remove(group, remove))
        group.member_count += len(delta.added) - len(delta.removed)
        return delta

    def _set_members(
        self, group: PassingEntity, wanted: Sequence[uuid.UUID]
    ) -> MembershipDelta:
        rows = PassingMember.objects.filter(group=group)
        present = set(rows.values_list("member_id", flat=True))
        keep = set(wanted)
        return self._edit_members(group, list(keep - present), list(present - keep))

    def _add(self, group: PassingEntity, add: Sequence[uuid.UUID]) -> list[uuid.UUID]:
        added: list[uuid.UUID] = []
        users = passing.rows_of(self.change.service_provider, EntityType.USER).order_by()
        for ids in chunks(list(dict.fromkeys(add))):
            known = set(users.filter(pk__in=ids).values_list("pk", flat=True))
            if unknown := [str(member) for member in ids if member not in known]:
                raise InvalidValue(
                    f"members: {self.change.service_provider} has sent no user with the id "
                    f"{', '.join(unknown[:5])}",
                    field="members",
                )
            rows = PassingMember.objects.filter(group=group, member_id__in=ids)
            present = set(rows.values_list("member_id", flat=True))
            new = [member for member in ids if member not in present]
            PassingMember.objects.bulk_create(
                [PassingMember(group=group, member_id=member) for member in new]
            )
            added += new
        return added

    def _remove(self, group: PassingEntity, remove: Sequence[uuid.UUID]) -> list[uuid.UUID]:
        removed: list[uuid.UUID] = []
        for ids in chunks(list(dict.fromkeys(remove))):
            rows = PassingMember.objects.filter(group=group, member_id__in=ids)
            removed += rows.values_list("member_id", flat=True)
            rows.delete()
        return removed

    def _join(self, user: PassingEntity, name: str) -> GroupDelta | None:
        """Put a user into the group of that full name; None when no such one passes."""
        place, bare = self._place(name, "groups")
        groups = passing.rows_of(self.change.service_provider, EntityType.GROUP).order_by()
        found = groups.filter(store=place, name_key=key_of(bare))
        group = found.select_for_update(of=("self",)).first()
        if group is None:
            return None
        delta = self._edit_members(group, [user.pk], [])
        if delta:
            self._touch(group)
            group.save()
        return GroupDelta(passing.as_group(group), delta)

    def _leave_groups(self, user: PassingEntity) -> list[uuid.UUID]:
        """Take a user out of all groups; returns them, whose versions moved."""
        groups = list(
            PassingEntity.objects.filter(members__member=user)
            .order_by("pk")
            .select_for_update(of=("self",))
            .values_list("pk", flat=True)
        )
        PassingEntity.objects.filter(pk__in=groups).update(
            member_count=F("member_count") - 1,
            version=F("version") + 1,
            modified=self.store.now,
        )
        PassingMember.objects.filter(member=user).delete()
        return groups
