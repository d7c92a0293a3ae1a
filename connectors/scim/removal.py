"""Making and taking away what a product does not let be made or taken away."""

from __future__ import annotations

from connectors.errors import JobIsWrong, RemoteExists, RemoteMissing
from connectors.scim import lookup, membership
from connectors.scim.collection import Collection
from connectors.scim.payload import found
from connectors.scim.writing import PatchSupport, Rewrite, write
from connectors.types import Entity, EntityType, MemberChanges


def delete(collection: Collection, support: PatchSupport, entity: Entity) -> None:
    """By DELETE, or what comes nearest to it. `RemoteMissing` when that is done already."""
    behaviour = collection.version.behaviour
    if entity.type is EntityType.USER and behaviour.user_delete == "deactivate":
        _deactivate(collection, support, entity)
    elif entity.type is EntityType.GROUP and behaviour.group_life == "members":
        _empty(collection, support, entity)
    else:
        collection.delete(entity.remote_id)


def look_for_group(collection: Collection, group: Entity, product: str) -> None:
    """Where groups are not made by SCIM: `RemoteExists` when somebody has made this one."""
    if lookup.find(collection, group):
        raise RemoteExists(f"{product} has a group called {group.remote_name}")
    raise JobIsWrong(
        f"{product} makes no groups by SCIM: make one called {group.remote_name} there"
    )


def _deactivate(collection: Collection, support: PatchSupport, user: Entity) -> None:
    resource = collection.read(user.remote_id)
    there = found(user.type, {"id": user.remote_id, **resource}) if resource else None
    if there is None or not there.active:
        raise RemoteMissing(f"{user.remote_id} is deactivated already")
    before = {"userName": there.remote_name, "active": True}
    rewrite = Rewrite(user.remote_id, before, {**before, "active": False}, {})
    write(collection, support, rewrite)


def _empty(collection: Collection, support: PatchSupport, group: Entity) -> None:
    """A group without members gives nobody anything."""
    resource = collection.read(group.remote_id, members=True)
    members = membership.held(resource or {})
    if not members:
        raise RemoteMissing(f"{group.remote_id} has no members any more")
    for _ in membership.change(collection, support, group, MemberChanges(remove=members)):
        pass
