"""What a client asks of a list: GET parameters or the body of `/.search` (RFC 7644 §3.4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.inbound.scim2.errors import ScimError, invalid_syntax, invalid_value
from provisioning.inbound.scim2.projection import Projection, read_projection

DEFAULT_COUNT = 100
MAX_COUNT = 1_000


@dataclass(frozen=True, slots=True)
class Search:
    """`cursor` is None for paging by index, empty for the first page by cursor (RFC 9865)."""

    projection: Projection
    filter: str = ""
    sort_by: str = ""
    descending: bool = False
    start_index: int = 1
    count: int = DEFAULT_COUNT
    cursor: str | None = None

    @property
    def offset(self) -> int:
        return self.start_index - 1


def read_search(given: Mapping[str, Any]) -> Search:
    """Parameters by name, compared without case. Raises `ScimError`."""
    values = {name.lower(): value for name, value in given.items()}
    cursor = values.get("cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise ScimError(400, "cursor: takes a string.", "invalidCursor")
    if cursor is not None and values.get("startindex") not in (None, ""):
        raise invalid_value("startIndex", "cannot be combined with a cursor.")
    order = str(values.get("sortorder") or "ascending").lower()
    if order not in ("ascending", "descending"):
        raise invalid_value("sortOrder", "is ascending or descending.")
    return Search(
        projection=projection_of(values),
        filter=_text(values, "filter").strip(),
        sort_by=_text(values, "sortBy").strip(),
        descending=order == "descending",
        start_index=max(1, _integer(values, "startIndex", 1)),
        count=min(MAX_COUNT, max(0, _integer(values, "count", DEFAULT_COUNT))),
        cursor=cursor,
    )


def projection_of(values: Mapping[str, Any]) -> Projection:
    """`values` has lower-case names; lists come as such or separated by commas."""
    return read_projection(_names(values, "attributes"), _names(values, "excludedAttributes"))


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name.lower())
    if value is None:
        return ""
    if not isinstance(value, str):
        raise invalid_value(name, "takes a string.")
    return value


def _integer(values: Mapping[str, Any], name: str, default: int) -> int:
    value = values.get(name.lower())
    if value is None or value == "":
        return default
    try:
        if isinstance(value, bool | float):
            raise ValueError(value)
        number = int(value)
    except (ValueError, TypeError) as error:
        kind = "invalidCount" if name == "count" and "cursor" in values else "invalidValue"
        raise ScimError(400, f"{name}: takes a whole number.", kind) from error
    return max(-1, min(number, 2**53))


def _names(values: Mapping[str, Any], name: str) -> list[str]:
    value = values.get(name.lower())
    if value is None:
        return []
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise invalid_syntax(f"{name}: takes names of attributes.")
    return [entry.strip() for entry in value if entry.strip()]
