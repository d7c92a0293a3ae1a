"""Bringing an entity to its wanted state: create or update, then its members."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from connectors import (
    Connector,
    Entity,
    EntityType,
    Found,
    GroupStays,
    JobIsWrong,
    Member,
    MemberChanges,
    Receipt,
    RemoteExists,
    RemoteMissing,
)
from provisioning import mapping
from provisioning.delivery.looking import FoundThere, Progress, look_up, still_there
from provisioning.parcels import Conflict, Parcel


def put(parcel: Parcel, connector: Connector, progress: Progress) -> Receipt:
    """Update what is linked, create what is not; each becomes the other when it must."""
    if parcel.adopt is not None:
        return connector.update(_as_found(parcel, parcel.adopt))
    if parcel.link is not None:
        if parcel.unconfirmed_link and not still_there(parcel, connector):
            return _create(parcel, connector)
        try:
            return connector.update(_for_update(parcel, connector))
        except RemoteMissing:
            return _create(parcel, connector)
        except GroupStays as error:
            empty(parcel, connector, progress, error)
            return _create(parcel, connector)
    return _create(parcel, connector)


def _create(parcel: Parcel, connector: Connector) -> Receipt:
    attributes = parcel.entity.attributes
    if parcel.create_only:
        attributes = mapping.merge(attributes, parcel.create_only, connector.dialect)
    entity = dataclasses.replace(
        parcel.entity, remote_id="", accepted=None, accepted_name="", attributes=attributes
    )
    if parcel.job.maybe_sent and (found := look_up(parcel, connector, parcel.maybe_names)):
        raise FoundThere(Conflict(found, in_flight=True))
    try:
        return connector.create(entity)
    except RemoteExists as error:
        name = parcel.entity.remote_name
        found = look_up(parcel, connector, [name])
        if found is None:
            raise JobIsWrong(f"{error}; but a look-up does not find it") from error
        in_flight = parcel.job.maybe_sent and name in parcel.maybe_names
        raise FoundThere(Conflict(found, in_flight=in_flight)) from error


def _for_update(parcel: Parcel, connector: Connector) -> Entity:
    """Attributes for creation only stay as the target has them."""
    entity = parcel.entity
    if not parcel.create_only:
        return entity
    held = entity.accepted
    if held is None:
        there = connector.fetch(entity.type, entity.remote_id)
        held = there.attributes if there is not None else {}
    kept = mapping.pick(held, parcel.create_only, connector.dialect)
    merged = mapping.merge(entity.attributes, kept, connector.dialect)
    return dataclasses.replace(_leaving_alone(parcel), attributes=merged)


def _leaving_alone(parcel: Parcel) -> Entity:
    """What counts at creation only is not taken away, whoever put it there."""
    dialect = parcel.connector.connector_class.dialect
    ours = mapping.without(parcel.entity.unconfirmed, parcel.create_only, dialect)
    return dataclasses.replace(parcel.entity, unconfirmed=ours)


def _as_found(parcel: Parcel, found: Found) -> Entity:
    """Write to an account that was found: everything but a password, unless it is ours."""
    return dataclasses.replace(
        _leaving_alone(parcel),
        remote_id=found.remote_id,
        accepted_name=found.remote_name,
        accepted=None,
        password=parcel.entity.password if parcel.confirmed else None,
    )


def change_members(parcel: Parcel, connector: Connector, progress: Progress) -> None:
    if not parcel.changes or progress.receipt is None:
        return
    try:
        _send_members(parcel, connector, progress.receipt, progress)
    except RemoteMissing:
        if not _vanished(parcel, connector, progress.receipt):
            raise
        # Nothing but members had changed, so nobody noticed before.
        progress.receipt = None
        progress.added.clear()
        progress.receipt = _create(parcel, connector)
        _send_members(parcel, connector, progress.receipt, progress)


def _vanished(parcel: Parcel, connector: Connector, receipt: Receipt) -> bool:
    was_there = parcel.link is not None and parcel.link.remote_id == receipt.remote_id
    return was_there and connector.fetch(EntityType.GROUP, receipt.remote_id) is None


def _send_members(
    parcel: Parcel, connector: Connector, receipt: Receipt, progress: Progress
) -> None:
    group = dataclasses.replace(parcel.entity, remote_id=receipt.remote_id)
    wanted = {member.remote_id for member in parcel.changes.add}
    for chunk in connector.change_members(group, parcel.changes):
        _note(parcel, chunk, wanted, progress)


def empty(parcel: Parcel, connector: Connector, progress: Progress, error: GroupStays) -> None:
    """Whom we put into the group that stays leave it, once they are known; others do not."""
    if parcel.changes.everyone is None:
        raise error
    leaving = {one.remote_id: one for one in (*parcel.taken, *parcel.changes.remove)}
    name = parcel.entity.accepted_name or parcel.entity.remote_name
    group = dataclasses.replace(parcel.entity, remote_name=name)
    changes = MemberChanges(remove=list(leaving.values()))
    for chunk in connector.change_members(group, changes):
        _note(parcel, chunk, set(), progress)


def _note(
    parcel: Parcel, chunk: Sequence[Member], wanted: set[str], progress: Progress
) -> None:
    for member in chunk:
        if local := parcel.members.get(member.remote_id):
            (progress.added if member.remote_id in wanted else progress.removed).append(local)
