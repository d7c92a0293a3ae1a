"""Taking an entity away as the connector says: deleted, disabled or kept."""

from __future__ import annotations

import dataclasses

from connectors import (
    Connector,
    Entity,
    EntityType,
    GroupStays,
    NotBefore,
    RemoteMissing,
    RetryLater,
)
from idp.models import DeleteAction
from provisioning.delivery.looking import FoundThere, Hold, Progress, look_up, still_there
from provisioning.delivery.putting import empty
from provisioning.parcels import Conflict, Parcel


def remove(parcel: Parcel, connector: Connector, progress: Progress) -> None:
    action = parcel.connector.delete_action
    if action == DeleteAction.KEEP:
        progress.former, progress.reason = True, "the account is kept as it is"
        return
    remote_id = _id_to_remove(parcel, connector)
    if remote_id is None:
        progress.gone, progress.reason = True, "it was not there"
        return
    try:
        if action == DeleteAction.DISABLE and parcel.entity.type is EntityType.USER:
            progress.receipt = connector.update(_disabled(parcel, remote_id))
            progress.former, progress.reason = True, "the account is disabled"
        else:
            connector.delete(dataclasses.replace(parcel.entity, remote_id=remote_id))
            progress.gone = True
    except GroupStays as error:
        empty(parcel, connector, progress, error)
        progress.gone, progress.reason = True, "the group stays there without its members"
    except RemoteMissing:
        progress.gone, progress.reason = True, "it was gone already"
    except RetryLater as error:
        if not _failed_for_want_of_it(parcel, connector, remote_id, error):
            raise
        progress.gone, progress.reason = True, "it was gone already"


def _failed_for_want_of_it(
    parcel: Parcel, connector: Connector, remote_id: str, error: RetryLater
) -> bool:
    """Some answer with a failure, time and again, where 404 would have been the word."""
    again = parcel.job.maybe_sent and error.maybe_sent and error.status is not None
    if not again or isinstance(error, NotBefore):
        return False
    return connector.fetch(parcel.entity.type, remote_id) is None


def _id_to_remove(parcel: Parcel, connector: Connector) -> str | None:
    """A known id, or one confirmed by a look-up; None when there is nothing to remove."""
    if parcel.adopt is not None:
        return parcel.adopt.remote_id
    if parcel.link is not None:
        if parcel.unconfirmed_link and not still_there(parcel, connector):
            raise Hold(
                "unconfirmed",
                "the connector now points at another system, which does not have this "
                "account under the id we know",
            )
        return parcel.entity.remote_id
    if not parcel.job.maybe_sent:
        return None
    if found := look_up(parcel, connector, parcel.maybe_names):
        raise FoundThere(Conflict(found, in_flight=True))
    return None


def _disabled(parcel: Parcel, remote_id: str) -> Entity:
    """The account as the target has it, but disabled; that much is always sent."""
    entity = parcel.entity
    held = parcel.adopt.attributes if parcel.adopt else None
    external_id = parcel.adopt.external_id if parcel.adopt else ""
    if parcel.link is not None:
        held, external_id = parcel.link.accepted, parcel.link.external_id
    said = parcel.connector.connector_class.active_key
    known = {name: value for name, value in (held or {}).items() if name != said}
    return dataclasses.replace(
        entity,
        remote_id=remote_id,
        remote_name=entity.accepted_name or entity.remote_name,
        external_id=external_id,
        active=False,
        attributes=known,
        accepted=known,
        password=None,
    )
