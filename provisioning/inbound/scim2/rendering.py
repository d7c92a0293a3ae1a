"""What the JSON of users and groups has in common."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from idp.models import Group, User


@dataclass(frozen=True, slots=True)
class Site:
    """Where the door is, as the caller sees it: `https://idp.example/t/acme/scim2`."""

    base: str

    def location(self, endpoint: str, entity_id: uuid.UUID | str) -> str:
        return f"{self.base}/{endpoint}/{entity_id}"


def head(
    entity: User | Group, resource_type: str, schemas: Sequence[str], site: Site
) -> dict[str, Any]:
    """The attributes every resource begins with (RFC 7643 §3.1)."""
    found: dict[str, Any] = {"schemas": list(schemas), "id": str(entity.pk)}
    if entity.external_id:
        found["externalId"] = entity.external_id
    found["meta"] = {
        "resourceType": resource_type,
        "created": date_time(entity.created),
        "lastModified": date_time(entity.modified),
        "location": site.location(f"{resource_type}s", entity.pk),
        "version": etag(entity),
    }
    return found


def etag(entity: User | Group) -> str:
    """A weak validator made of the row's version counter."""
    return f'W/"{entity.version}"'


def date_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
