"""`bulkId:…` in the operations of a bulk request (RFC 7644 §3.7.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.inbound.scim2.errors import ScimError

_PREFIX = "bulkId:"


def references(value: Any) -> Iterator[str]:
    """The names after `bulkId:`."""
    if isinstance(value, str):
        for part in value.split("/"):
            if part.startswith(_PREFIX):
                yield part.removeprefix(_PREFIX)
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from references(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from references(entry)


def resolved(value: Any, ids: Mapping[str, str]) -> Any:
    """The value with ids for references. Raises `ScimError` (409)."""
    if isinstance(value, str) and value.startswith(_PREFIX):
        name = value.removeprefix(_PREFIX)
        if name not in ids:
            raise ScimError(409, f"bulkId {name[:80]!r} stands for nothing.", "invalidValue")
        return ids[name]
    if isinstance(value, Mapping):
        return {key: resolved(entry, ids) for key, entry in value.items()}
    if isinstance(value, list):
        return [resolved(entry, ids) for entry in value]
    return value


def without_unknown(value: Any, ids: Mapping[str, str]) -> Any:
    """The data without what refers to a resource that is not made yet."""
    if isinstance(value, Mapping):
        return {
            name: without_unknown(entry, ids)
            for name, entry in value.items()
            if not isinstance(entry, str) or is_known(entry, ids)
        }
    if isinstance(value, list):
        return [without_unknown(entry, ids) for entry in value if is_known(entry, ids)]
    return value


def is_known(value: Any, ids: Mapping[str, str]) -> bool:
    return all(name in ids for name in references(value))


def without_password(data: Any) -> Any:
    """It is set already, and a PUT that leaves it out keeps it."""
    return {name: value for name, value in data.items() if name.lower() != "password"}
