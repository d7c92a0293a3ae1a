"""Asking the target what it has, before anything is repeated, adopted or removed."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors import Ambiguous, Connector, Found, Receipt
from provisioning.parcels import Conflict, Parcel


class FoundThere(Exception):
    def __init__(self, conflict: Conflict) -> None:
        super().__init__(conflict.found.remote_name)
        self.conflict = conflict


class Hold(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(slots=True)
class Progress:
    """What the target has taken so far; survives an error half-way."""

    receipt: Receipt | None = None
    gone: bool = False
    former: bool = False
    reason: str = ""
    added: list[uuid.UUID] = field(default_factory=list)
    removed: list[uuid.UUID] = field(default_factory=list)


def still_there(parcel: Parcel, connector: Connector) -> bool:
    """Whether the system the connector points at now has our entity under the old id."""
    found = connector.fetch(parcel.entity.type, parcel.entity.remote_id)
    if found is None:
        return False
    ours = {parcel.entity.accepted_name.casefold(), parcel.entity.remote_name.casefold()}
    same_external = bool(found.external_id) and found.external_id == parcel.entity.external_id
    return found.remote_name.casefold() in ours or same_external


def look_up(parcel: Parcel, connector: Connector, names: Sequence[str]) -> Found | None:
    """The one account that has one of these names. Raises `Ambiguous`.

    For our own lost request ask only for the names it used: whoever has another of our
    names is a stranger.
    """
    matches: dict[str, Found] = {}
    for name in names:
        for found in connector.find(dataclasses.replace(parcel.entity, remote_name=name)):
            matches[found.remote_id] = found
    if len(matches) > 1:
        raise Ambiguous(
            f"{len(matches)} entries at the target match {parcel.entity.remote_name}: "
            + ", ".join(sorted(matches))
        )
    return next(iter(matches.values()), None)
