"""What came in through a door: frozen values, complete, and free of hidden context."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from connectors import EntityType
from idp.models import Group, Tenant, User, new_id
from serviceproviders.models import ServiceProvider


class Door(StrEnum):
    CONSOLE = "console"
    SCIM2 = "scim2"
    SCIM11 = "scim11"
    SOAP = "soap"
    SIGNUP = "signup"
    JIT = "jit"
    IMPORT = "import"
    RECONCILE = "reconcile"
    REST = "rest"


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


INBOUND = (Door.SCIM2, Door.SCIM11, Door.SOAP, Door.SIGNUP)
"""The doors of applications, where a service provider's inbound settings count."""


@dataclass(frozen=True, slots=True)
class SaidGroup:
    """A group as a request names it: `value` as it stands there, perhaps an id of ours."""

    name: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class UserData:
    """The whole wanted state of a user.

    `name` is the full name (`kim`, `STAFF/kim`). `document` is the canonical claim
    document (see `idp.models.User`). `password` is in clear and only when it is to be set.
    `join` names groups to add the user to; memberships are never taken away by it.
    `groups` is what the request says of them: where users are stored that means nothing;
    where they only pass through, it is all we know. None says nothing.
    """

    name: str
    document: Mapping[str, Any] = field(default_factory=dict)
    external_id: str = ""
    active: bool = True
    password: str | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)
    """Restores the password of a deleted user."""
    join: Sequence[str] = ()
    groups: Sequence[SaidGroup] | None = None


@dataclass(frozen=True, slots=True)
class GroupData:
    """What shall change about a group; None leaves it as it is.

    Membership is edited by user ids: `add` and `remove`, or `members` for all of it.
    """

    name: str | None = None
    external_id: str | None = None
    add: Sequence[uuid.UUID] = ()
    remove: Sequence[uuid.UUID] = ()
    members: Sequence[uuid.UUID] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change to one user or group, as `intake.accept` takes it.

    `entity_id` is required for updates and deletes; a create may bring one (restore).
    With `expected_version`, a change to anything newer is refused (`VersionMoved`).
    `actor` is who did it, for the audit trail: an operator's login or a client's name.
    `passes` says of a create whether the entity is only sent onward (dumb mode); None: as
    the service provider has it.
    """

    tenant: Tenant
    service_provider: ServiceProvider
    door: Door
    actor: str
    action: Action
    entity_type: EntityType
    entity_id: uuid.UUID | None = None
    expected_version: int | None = None
    user: UserData | None = None
    group: GroupData | None = None
    passes: bool | None = None
    id: uuid.UUID = field(default_factory=new_id)


class Event(StrEnum):
    """What happened to an entity, as rules are told (WSO2's provisioning operation)."""

    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


def event_of(change: Change) -> Event:
    """PATCH where only a group's own attributes change. Every other update is PUT."""
    if change.action is not Action.UPDATE:
        return Event.POST if change.action is Action.CREATE else Event.DELETE
    group = change.group
    renamed = group is not None and not (group.add or group.remove or group.members is not None)
    return Event.PATCH if renamed else Event.PUT


class Result(StrEnum):
    """What became of a change at one target, as far as is known when the door answers."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class TargetOutcome:
    identity_provider: str
    connector: str
    result: Result
    job_id: uuid.UUID | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A change that is stored. `entity` is the row as it now is; None after a delete.

    `changed` is False when the row was like that already: nothing was sent onward.
    """

    change_id: uuid.UUID
    entity_id: uuid.UUID
    entity: User | Group | None
    changed: bool
    outcomes: Sequence[TargetOutcome] = ()


def outcome_header(outcomes: Sequence[TargetOutcome]) -> str:
    """The value of the `Provisioning-Outcome` header; names are percent-encoded."""
    return ", ".join(
        f"{quote(o.identity_provider, safe='')}/{quote(o.connector, safe='')}={o.result}"
        + (f";job={o.job_id}" if o.job_id else "")
        for o in outcomes
    )


class Refused(Exception):
    """The change was not made. The message is a sentence that names the field.

    Refused
    ├── InvalidValue    the value of `field` cannot be (SCIM invalidValue)
    ├── NameTaken       the name is taken (SCIM uniqueness)
    ├── NotFound        there is no such entity in the tenant
    ├── VersionMoved    somebody else changed it since it was read
    ├── Nowhere         nothing is stored (dumb mode), and no way leads to a target
    ├── Busy            too many blocking deliveries; nothing was stored
    └── TargetRefused   a blocking target failed and the row says refuse; undone
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class InvalidValue(Refused):
    pass


class NameTaken(Refused):
    pass


class NotFound(Refused):
    pass


class VersionMoved(Refused):
    pass


class Nowhere(Refused):
    pass


class Busy(Refused):
    retry_after = 2


class TargetRefused(Refused):
    def __init__(self, message: str, outcomes: Sequence[TargetOutcome]) -> None:
        super().__init__(message)
        self.outcomes = outcomes
