"""A change ready to be written, and what writing it did."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from idp.models import Group, User
from idp.userstores import MembershipDelta
from provisioning.changes import Change, GroupData, UserData
from provisioning.subjects import Subject


@dataclass(frozen=True, slots=True)
class GroupDelta:
    """A group whose membership changed, as it is now."""

    group: Group
    delta: MembershipDelta


@dataclass(frozen=True, slots=True)
class Written:
    """What a change did to the store. `before` is what would undo it."""

    subject: Subject
    entity: User | Group | None
    changed: bool
    before: UserData | GroupData | None = None
    deltas: Sequence[GroupDelta] = ()
    left_groups: Sequence[uuid.UUID] = ()
    attributes: Sequence[str] = field(default=())
    is_new: bool = False
    """Made just now under a fresh id: it cannot be anywhere yet."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change with its password hashed: hashing takes far too long for a transaction."""

    change: Change
    password_hash: str | None = field(default=None, repr=False)
