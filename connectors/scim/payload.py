"""Entity → SCIM document, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import ConnectorIsWrong
from connectors.types import Entity, EntityType, Found

NAME_ATTRIBUTE = {EntityType.USER: "userName", EntityType.GROUP: "displayName"}
_NOT_OURS = frozenset({"id", "meta", "schemas", "groups", "members", "password"})


def wanted(entity: Entity) -> dict[str, Any]:
    """The document the target shall hold: attributes, name, externalId and active."""
    document = assigned(entity.attributes)
    document[NAME_ATTRIBUTE[entity.type]] = entity.remote_name
    if entity.external_id:
        document["externalId"] = entity.external_id
    if entity.type is EntityType.USER:
        document["active"] = entity.active
    return document


def believed(entity: Entity, accepted: Mapping[str, Any]) -> dict[str, Any]:
    """What the target accepted last, in the shape of `wanted`."""
    document = assigned(accepted)
    if entity.accepted_name:
        document[NAME_ATTRIBUTE[entity.type]] = entity.accepted_name
    return document


def extensions(document: Mapping[str, Any]) -> list[str]:
    """The schemas in it, beside the core."""
    return [key for key in document if is_extension(key)]


def is_extension(key: str) -> bool:
    return key.lower().startswith("urn:")


def found(entity_type: EntityType, resource: Mapping[str, Any]) -> Found:
    """A resource the target returned. ConnectorIsWrong when it has no id."""
    remote_id = remote_id_of(resource)
    if not remote_id:
        raise ConnectorIsWrong("The target returned an object without an id")
    return Found(
        remote_id=remote_id,
        remote_name=str(resource.get(NAME_ATTRIBUTE[entity_type]) or ""),
        external_id=str(resource.get("externalId") or ""),
        active=is_true(resource.get("active", True)),
        attributes=_with_booleans(assigned(resource)),
    )


def _with_booleans(document: dict[str, Any]) -> dict[str, Any]:
    """`active` as a boolean: some servers write "True"."""
    if "active" in document:
        document["active"] = is_true(document["active"])
    return document


def remote_id_of(resource: Mapping[str, Any]) -> str:
    """The id as text, or "": some servers count in integers."""
    value = resource.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def is_true(value: Any) -> bool:
    """`active` as servers write it: true, "True", absent (null)."""
    if isinstance(value, str):
        return value.strip().lower() not in ("false", "0", "no", "")
    return value is None or bool(value)


def assigned(document: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not ours to write; null and [] are no value (RFC 7643 §2.5)."""
    kept = {key: _plain(value) for key, value in document.items() if key not in _NOT_OURS}
    return {key: value for key, value in kept.items() if not is_unassigned(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        plain = {key: _plain(item) for key, item in value.items()}
        return {key: item for key, item in plain.items() if not is_unassigned(item)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def is_unassigned(value: Any) -> bool:
    return value is None or (isinstance(value, list | dict) and not value)
