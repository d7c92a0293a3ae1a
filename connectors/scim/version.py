"""What differs between SCIM 1.1 and SCIM 2.0 on the wire; everything else they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from connectors.scim.profiles import Behaviour
from connectors.types import Entity, EntityType, Member


class Version(Protocol):
    """Bodies of requests are made here; documents are without null and empty values."""

    @property
    def behaviour(self) -> Behaviour:
        """What the product at the far end wants."""

    @property
    def without_members(self) -> Mapping[str, str]:
        """Query parameters for a group without its members."""

    def resource(self, entity_type: EntityType, document: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a POST or PUT."""

    def changes(
        self, entity_type: EntityType, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The body of the PATCH that makes `before` into `after`; {} when they are equal."""

    def member(self, member: Member) -> dict[str, Any]:
        """An entry of a group's `members`."""

    def adding(self, group: Entity, members: Sequence[Member]) -> dict[str, Any]:
        """The body of the PATCH that takes them in."""

    def removing(self, group: Entity, members: Sequence[Member]) -> dict[str, Any]:
        """The body of the PATCH that takes them out, and nobody else."""
