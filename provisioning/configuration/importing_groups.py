"""Groups of a list, whoever made it: made, or given the members they lack."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors import EntityType
from idp.models import Group, Membership
from provisioning import passing
from provisioning.changes import Action, Change, GroupData, InvalidValue, Refused
from provisioning.configuration.importing import Importing, Told, known_users
from provisioning.configuration.report import Result
from provisioning.configuration.rows import is_absent
from provisioning.models import PassingEntity, PassingMember

Entry = Mapping[str, Any]


def bring_groups(importing: Importing, entries: Iterable[Entry]) -> Iterator[Told]:
    """Bring each group to what its entry says, in their order; lazily.

    Members are named by their user names and only added; an external id that is not given
    keeps its value. `state: absent` deletes.
    """
    for entry in entries:
        try:
            yield _bring(importing, entry), ""
        except Refused as error:
            yield Result.REFUSED, str(error)


def _bring(importing: Importing, entry: Entry) -> Result:
    """Raises `Refused`."""
    group = _find(importing, entry["name"])
    if (group is None) and is_absent(entry):
        return Result.UNCHANGED
    result, change = _wanted(importing, entry, group)
    if change is None:
        return Result.UNCHANGED
    importing.accept(change)
    return result


def _wanted(
    importing: Importing, entry: Entry, group: Group | PassingEntity | None
) -> tuple[Result, Change | None]:
    """Raises `Refused`."""
    if group is not None and is_absent(entry):
        change = importing.change(Action.DELETE, EntityType.GROUP, entity_id=group.pk)
        return Result.DELETED, change
    members = _members(importing, entry.get("members", ()))
    external_id = entry.get("external_id")
    if group is None:
        data = GroupData(name=entry["name"], external_id=external_id, add=members)
        return Result.CREATED, importing.change(Action.CREATE, EntityType.GROUP, group=data)
    missing = _missing(group, members)
    if not missing and external_id in (None, group.external_id):
        return Result.UNCHANGED, None
    data = GroupData(external_id=external_id, add=missing)
    change = importing.change(Action.UPDATE, EntityType.GROUP, entity_id=group.pk, group=data)
    return Result.CHANGED, change


def _find(importing: Importing, name: str) -> Group | PassingEntity | None:
    domain, name_key = importing.key_of(name)
    group: Group | PassingEntity | None = Group.objects.filter(
        store__tenant=importing.tenant, store__domain=domain, name_key=name_key
    ).first()
    resident = importing.service_provider
    if group is None and resident.dumb_mode:
        sent = passing.named(resident, EntityType.GROUP, domain, [name_key])
        group = sent[0] if sent else None
    return group


def _members(importing: Importing, names: Sequence[str]) -> list[uuid.UUID]:
    """Raises `Refused` where somebody is not there."""
    if not names:
        return []
    keys = {importing.key_of(name): name for name in names}
    found = known_users(importing, list(keys))
    unknown = [name for key, name in keys.items() if key not in found]
    if unknown:
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        told = ", ".join(unknown[:3])
        raise InvalidValue(f"members: there is no user {told}{more}", field="members")
    return [found[key].pk for key in keys]


def _missing(group: Group | PassingEntity, members: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    if not members:
        return []
    if isinstance(group, PassingEntity):
        there = PassingMember.objects.filter(group_id=group.pk, member_id__in=members)
        held = set(there.values_list("member_id", flat=True))
    else:
        stored = Membership.objects.filter(group_id=group.pk, user_id__in=members)
        held = set(stored.values_list("user_id", flat=True))
    return [member for member in members if member not in held]
