"""Operations on roles: `Internal/…` roles of ours and groups are one thing on this wire."""

from __future__ import annotations

from connectors import EntityType
from idp.claims import profile_of
from idp.models import Group, User, key_of
from provisioning.changes import Action, GroupData
from provisioning.inbound.soap.calls import Call, Outcomes, data_of
from provisioning.inbound.soap.faults import missing, wrong
from provisioning.inbound.soap.parameters import Given


def add(call: Call, given: Given) -> Outcomes:
    if given.permissions("permissions") and call.caller.service_provider.strict:
        raise wrong("permissions", "roles carry no permissions here.")
    members = call.names.user_ids(given.texts("userList"), "userList")
    data = GroupData(name=given.text("roleName"), members=members)
    return call.accept(Action.CREATE, EntityType.GROUP, group=data)


def delete(call: Call, given: Given) -> Outcomes:
    role = call.names.role(given.text("roleName"))
    return call.accept(Action.DELETE, EntityType.GROUP, entity_id=role.pk)


def rename(call: Call, given: Given) -> Outcomes:
    role = call.names.role(given.text("roleName"))
    name = call.names.in_store_of(role, given.text("newRoleName"))
    return _change(call, role, GroupData(name=name))


def update_members(call: Call, given: Given) -> Outcomes:
    """In one step: all of them, or nothing."""
    role = call.names.role(given.text("roleName"))
    gone = call.names.user_ids(given.texts("deletedUsers"), "deletedUsers")
    new = call.names.user_ids(given.texts("newUsers"), "newUsers")
    if set(gone) & set(new):
        raise wrong("newUsers", "somebody cannot be both added and removed.")
    return _change(call, role, GroupData(add=new, remove=gone))


def update_roles(call: Call, given: Given) -> Outcomes:
    """All names are looked up first. The new roles are given in one step, then the others
    are taken, each in a step of its own."""
    name = given.text("userName")
    user = call.names.user(name)
    taken, new = given.texts("deletedRoles"), given.texts("newRoles")
    if {_key(call, one) for one in taken} & {_key(call, one) for one in new}:
        raise wrong("newRoles", "a role cannot be both given and taken.")
    if call.passes:
        return _update_passing(call, user, taken, new)
    gone = [call.names.role(one, "deletedRoles") for one in taken]
    join = [call.names.role(one, "newRoles").full_name for one in new]
    outcomes: Outcomes = []
    if join:
        outcomes += call.change_user(name, lambda now: data_of(profile_of(now), join=join))
    return outcomes + _take(call, user, gone, done=join)


def _update_passing(call: Call, user: User, taken: list[str], new: list[str]) -> Outcomes:
    """Roles of somebody who is not stored are what requests say, or groups that pass too."""
    refs = call.reader.groups_of_users([user.pk]).get(user.pk, ())
    held = {key_of(ref.name) for ref in refs}
    keys = {_key(call, one) for one in taken}
    for one in taken:
        if _key(call, one) not in held:
            raise missing("deletedRoles", f"{user.full_name} has no role {one[:200]}.")
    said = [ref.name for ref in refs if ref.id is None and key_of(ref.name) not in keys]
    outcomes = call.change_user(
        user.full_name, lambda now: data_of(profile_of(now), join=new, groups=said)
    )
    found = (call.reader.group_with_id(ref.id) for ref in refs if ref.id is not None)
    gone = [group for group in found if group and key_of(group.full_name) in keys]
    return outcomes + _take(call, user, gone, done=new)


def _take(call: Call, user: User, gone: list[Group], done: list[str]) -> Outcomes:
    outcomes: Outcomes = []
    made = [f"given {name}" for name in done]
    for role in gone:
        outcomes += call.accept(
            Action.UPDATE,
            EntityType.GROUP,
            entity_id=role.pk,
            group=GroupData(remove=[user.pk]),
            done=f" ({', '.join(made)} before that)" if made else "",
        )
        made.append(f"taken {role.full_name}")
    return outcomes


def _change(call: Call, role: Group, data: GroupData) -> Outcomes:
    return call.accept(Action.UPDATE, EntityType.GROUP, entity_id=role.pk, group=data)


def _key(call: Call, name: str) -> str:
    return key_of(call.names.full_name(name) or name)


# read


def exists(call: Call, given: Given) -> bool:
    return call.names.find_role(given.text("roleName")) is not None


def names(call: Call, given: Given) -> list[str]:
    return call.names.roles()


def internal_names(call: Call, given: Given) -> list[str]:
    return call.names.roles(internal=True)


def of_user(call: Call, given: Given) -> list[str]:
    user = call.names.user(given.text("userName"))
    refs = call.reader.groups_of_users([user.pk]).get(user.pk, ())
    return sorted(ref.name for ref in refs)


def members(call: Call, given: Given) -> list[str]:
    return call.names.members(call.names.role(given.text("roleName")))
