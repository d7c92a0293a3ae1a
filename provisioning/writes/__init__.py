"""A change, written to the user store: the first half of `intake.accept`'s transaction.

What is only sent onward (dumb mode) is written to the rows of what passes through instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from connectors import EntityType
from idp.userstores import DatabaseStore, NameIsTaken, UnknownMembers
from provisioning.changes import INBOUND, Action, Change, InvalidValue, NameTaken, NotFound
from provisioning.writes.groups import GroupWriter
from provisioning.writes.new_users import NewUsers
from provisioning.writes.new_users import write as write_new_users
from provisioning.writes.passing_groups import PassingGroupWriter
from provisioning.writes.passing_users import PassingUserWriter
from provisioning.writes.users import UserWriter
from provisioning.writes.written import GroupDelta, Prepared, Written

__all__ = [
    "GroupDelta",
    "NewUsers",
    "Prepared",
    "Written",
    "check",
    "passes",
    "prepare",
    "write",
    "write_new_users",
]


Kind = type[UserWriter | GroupWriter | PassingUserWriter | PassingGroupWriter]

_KINDS: Mapping[tuple[EntityType, bool], Kind] = {
    (EntityType.USER, False): UserWriter,
    (EntityType.GROUP, False): GroupWriter,
    (EntityType.USER, True): PassingUserWriter,
    (EntityType.GROUP, True): PassingGroupWriter,
}
"""By type, and by whether it only passes through."""


def passes(change: Change) -> bool:
    """Whether the change is for what its service provider sends onward without storing."""
    if change.passes is not None:
        return change.passes
    return change.service_provider.dumb_mode


def _places(change: Change) -> tuple[bool, ...]:
    """Where the entity may be, in the order to look: passing through (True) or stored.

    An application finds only what its service provider shows it; the tenant's own people
    find an entity wherever it is.
    """
    first = passes(change)
    if change.action is Action.CREATE or change.door in INBOUND:
        return (first,)
    return (first, not first)


def prepare(change: Change) -> Prepared:
    data = change.user
    if data is None or change.action is Action.DELETE or all(_places(change)):
        return Prepared(change)
    if data.password is not None:
        return Prepared(change, make_password(data.password))
    return Prepared(change, data.password_hash)


def check(change: Change) -> None:
    """Raise what `write` would, and leave nothing written."""
    with transaction.atomic():
        write(Prepared(change, "!"), timezone.now())
        transaction.set_rollback(True)


def write(prepared: Prepared, now: datetime) -> Written:
    """Apply the change. Raises the `Refused` tree; runs in the caller's transaction."""
    change = prepared.change
    *others, last = (_KINDS[change.entity_type, passing] for passing in _places(change))
    try:
        for kind in others:
            with suppress(NotFound):
                return kind(prepared, DatabaseStore(change.tenant, now)).write()
        return last(prepared, DatabaseStore(change.tenant, now)).write()
    except NameIsTaken as error:
        name = "userName" if change.entity_type is EntityType.USER else "displayName"
        raise NameTaken(f"{name} {error} is taken", field=name) from error
    except UnknownMembers as error:
        raise InvalidValue(
            f"members: there is no user with the id {error} in this tenant", field="members"
        ) from error
