"""A change, written to the user store: the first half of `intake.accept`'s transaction."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password

from connectors import EntityType
from idp.userstores import DatabaseStore, NameIsTaken, UnknownMembers
from provisioning.changes import Action, Change, InvalidValue, NameTaken
from provisioning.writes.groups import GroupWriter
from provisioning.writes.new_users import NewUsers
from provisioning.writes.new_users import write as write_new_users
from provisioning.writes.users import UserWriter
from provisioning.writes.written import GroupDelta, Prepared, Written

__all__ = [
    "GroupDelta",
    "NewUsers",
    "Prepared",
    "Written",
    "prepare",
    "write",
    "write_new_users",
]


def prepare(change: Change) -> Prepared:
    data = change.user
    if data is None or change.action is Action.DELETE:
        return Prepared(change)
    if data.password is not None:
        return Prepared(change, make_password(data.password))
    return Prepared(change, data.password_hash)


def write(prepared: Prepared, now: datetime) -> Written:
    """Apply the change. Raises the `Refused` tree; runs in the caller's transaction."""
    change = prepared.change
    kind = UserWriter if change.entity_type is EntityType.USER else GroupWriter
    try:
        return kind(prepared, DatabaseStore(change.tenant, now)).write()
    except NameIsTaken as error:
        name = "userName" if kind is UserWriter else "displayName"
        raise NameTaken(f"{name} {error} is taken", field=name) from error
    except UnknownMembers as error:
        raise InvalidValue(
            f"members: there is no user with the id {error} in this tenant", field="members"
        ) from error
