"""A request and an answer, free of HTTP libraries: views and `/Bulk` make and take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors import EntityType
from idp.models import Group, User
from provisioning.changes import Action, Change, Door
from provisioning.inbound.auth import Caller
from provisioning.inbound.scim2.errors import ScimError
from provisioning.inbound.scim2.projection import ALL, Projection
from provisioning.inbound.scim2.rendering import Site, etag
from provisioning.readers import Reader, reader_of

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """What a request brings besides its path and body."""

    caller: Caller
    site: Site
    projection: Projection = ALL
    if_match: str = ""
    if_none_match: str = ""
    door: Door = Door.SCIM2

    @property
    def reader(self) -> Reader:
        """What the caller's service provider sees."""
        return reader_of(self.caller.service_provider)

    @property
    def passes(self) -> bool:
        """Whether what is written is sent onward and not stored."""
        return self.caller.service_provider.dumb_mode

    @property
    def strict(self) -> bool:
        return self.caller.service_provider.strict

    def change(self, action: Action, entity_type: EntityType, **fields: Any) -> Change:
        return Change(
            tenant=self.caller.tenant,
            service_provider=self.caller.service_provider,
            door=self.door,
            actor=self.caller.actor,
            action=action,
            entity_type=entity_type,
            **fields,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def check_match(entity: User | Group, call: Call) -> None:
    """Raises `ScimError` (412) before a change of a version that If-Match does not name, or
    If-None-Match does (§3.14; RFC 9110 §13.1)."""
    if call.if_match and not _names(call.if_match, etag(entity)):
        raise ScimError(412, f"The resource is at version {etag(entity)} by now.")
    if is_unchanged(entity, call.if_none_match):
        raise ScimError(412, f"If-None-Match: the resource is at version {etag(entity)}.")


def is_unchanged(entity: User | Group, if_none_match: str) -> bool:
    return bool(if_none_match) and _names(if_none_match, etag(entity))


def _names(header: str, tag: str) -> bool:
    """Weak comparison (RFC 9110 §8.8.3.2): only the opaque part counts."""
    opaque = tag.removeprefix("W/")
    tags = [entry.strip() for entry in header.split(",")]
    return any(entry == "*" or entry.removeprefix("W/") == opaque for entry in tags)
