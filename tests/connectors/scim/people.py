"""Entities as the engine hands them over."""

from __future__ import annotations

from typing import Any

from connectors import Entity, EntityType


def person(name: str = "kim", /, **more: Any) -> Entity:
    values: dict[str, Any] = {"local_id": f"local-{name}", "external_id": f"x-{name}", **more}
    return Entity(EntityType.USER, remote_name=name, **values)


def group(name: str = "Sales", /, **more: Any) -> Entity:
    return Entity(EntityType.GROUP, remote_name=name, **{"local_id": f"local-{name}", **more})
