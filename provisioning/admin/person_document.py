"""The few attributes of a claim document that the console's form edits; all others stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from idp.claim_places import ENTERPRISE

SINGLE = {
    "given_name": ("name", "givenName"),
    "family_name": ("name", "familyName"),
    "display_name": ("displayName",),
    "title": ("title",),
    "department": (ENTERPRISE, "department"),
}
SEVERAL = {"emails": "emails", "phones": "phoneNumbers"}


def read(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows: texts, and lists of values with the primary one first.

    >>> read({"emails": [{"value": "b@x"}, {"value": "a@x", "primary": True}]})["emails"]
    ['a@x', 'b@x']
    """
    shown: dict[str, Any] = {name: _get(document, path) for name, path in SINGLE.items()}
    for name, attribute in SEVERAL.items():
        entries = sorted(_entries(document, attribute), key=lambda e: not e.get("primary"))
        shown[name] = [str(entry["value"]) for entry in entries if entry.get("value")]
    return shown


def write(document: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """A new document with what differs from `read(document)` written into it."""
    present = read(document)
    written: dict[str, Any] = deepcopy(dict(document))
    for name, path in SINGLE.items():
        if wanted[name] != present[name]:
            _put(written, path, wanted[name])
    for name, attribute in SEVERAL.items():
        if wanted[name] != present[name]:
            entries = _merge(_entries(document, attribute), wanted[name])
            _put(written, (attribute,), entries)
    return written


def _entries(document: Mapping[str, Any], attribute: str) -> list[dict[str, Any]]:
    found = document.get(attribute)
    return [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []


def _get(document: Mapping[str, Any], path: Sequence[str]) -> str:
    value: Any = document
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def _put(document: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Write the value; an empty one takes the key away, and what held only it."""
    *parents, last = path
    place = document
    for key in parents:
        place = place.setdefault(key, {})
    if value:
        place[last] = value
    else:
        place.pop(last, None)
    if parents and not place:
        document.pop(parents[0], None)


def _merge(entries: Sequence[dict[str, Any]], values: Sequence[str]) -> list[dict[str, Any]]:
    """One entry per value: the one there was, with its type, or a new one of type work."""
    known = {str(entry.get("value")).casefold(): entry for entry in entries}
    merged = []
    for position, value in enumerate(values):
        entry = dict(known.get(value.casefold(), {"type": "work"}), value=value)
        entry.pop("primary", None)
        if position == 0:
            entry["primary"] = True
        merged.append(entry)
    return merged
