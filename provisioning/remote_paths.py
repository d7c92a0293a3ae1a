"""Paths into a SCIM document, of either version, as claim mappings write them.

`title` · `name.givenName` · `emails[type eq "work"].value` · `emails.work` (the same) ·
`emails` (the primary one) · `addresses.locality` · `addresses[type eq "home"].country` ·
`urn:…:User:department`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_FILTERED = re.compile(
    r'\A(?P<name>\w+)\[type eq "(?P<type>[^"\]]+)"\](?:\.(?P<sub>[\w$]+))?\Z'
)
_MULTI_VALUED = {
    "emails",
    "phoneNumbers",
    "ims",
    "photos",
    "entitlements",
    "roles",
    "x509Certificates",
}
_TRAITS = {"type", "primary"}
"""What says nothing by itself in an entry of a list."""
_TYPES = {"work", "home", "other"}
"""Of addresses: whatever else follows the full stop is a part of one."""


@dataclass(frozen=True, slots=True)
class Path:
    """`sub` is what is set in the entry of that `type`, or in the attribute itself."""

    schema: str
    name: str
    type: str = ""
    sub: str = ""
    is_list: bool = False


@lru_cache(maxsize=2048)
def parse(path: str) -> Path:
    """
    >>> parse("emails.work") == parse('emails[type eq "work"].value')
    True
    >>> parse("addresses.locality")
    Path(schema='', name='addresses', type='', sub='locality', is_list=True)
    """
    schema = ""
    if path.startswith("urn:"):
        schema, _, path = path.rpartition(":")
    if match := _FILTERED.match(path):
        sub = match["sub"] or _default(match["name"])
        return Path(schema, match["name"], match["type"], sub, is_list=True)
    name, _, rest = path.partition(".")
    if name in _MULTI_VALUED:
        return Path(schema, name, rest, "value", is_list=True)
    if name != "addresses":
        return Path(schema, name, sub=rest)
    kind, sub = (rest, "formatted") if rest in _TYPES else ("", rest or "formatted")
    return Path(schema, name, kind, sub, is_list=True)


def write(document: dict[str, Any], path: str, value: Any) -> None:
    """Set one path; what else the document holds stays."""
    at = parse(path)
    holder = document.setdefault(at.schema, {}) if at.schema else document
    if at.is_list:
        _write_entry(holder, at, value)
    elif at.sub:
        holder.setdefault(at.name, {})[at.sub] = value
    else:
        holder[at.name] = value


def read(document: Mapping[str, Any], path: str) -> Any:
    """The value under a path, or None."""
    at = parse(path)
    holder = document.get(at.schema, {}) if at.schema else document
    value = holder.get(at.name)
    if at.is_list:
        entries = [entry for entry in value or () if isinstance(entry, Mapping)]
        wanted = (e for e in entries if not at.type or e.get("type") == at.type)
        return next((entry.get(at.sub) for entry in wanted), None)
    if at.sub:
        return value.get(at.sub) if isinstance(value, Mapping) else None
    return value


def remove(document: dict[str, Any], path: str) -> None:
    """Take one path away, and what is empty without it.

    >>> document = {"name": {"givenName": "Kim"}, "emails": [{"type": "work", "value": "k"}]}
    >>> remove(document, "name.givenName")
    >>> remove(document, "emails.work")
    >>> document
    {}
    """
    at = parse(path)
    holder = document.get(at.schema, {}) if at.schema else document
    if at.is_list:
        holder[at.name] = _without_entry(holder.get(at.name) or [], at)
    elif at.sub and isinstance(holder.get(at.name), dict):
        holder[at.name].pop(at.sub, None)
    else:
        holder.pop(at.name, None)
    if not holder.get(at.name, True):
        del holder[at.name]
    if at.schema and not document.get(at.schema, True):
        del document[at.schema]


def _without_entry(entries: list[dict[str, Any]], at: Path) -> list[dict[str, Any]]:
    for entry in entries:
        if not at.type or entry.get("type") == at.type:
            entry.pop(at.sub, None)
            break
    return [entry for entry in entries if entry.keys() - _TRAITS]


def remove_all(document: dict[str, Any], path: str) -> None:
    """Take away everything that stands under a path."""
    at = parse(path)
    holder = document.get(at.schema, {}) if at.schema else document
    value = holder.get(at.name)
    if at.is_list and at.type and isinstance(value, list):
        holder[at.name] = [one for one in value if not _is_of(one, at.type)]
    elif at.sub and not at.is_list and isinstance(value, dict):
        value.pop(at.sub, None)
    else:
        holder.pop(at.name, None)


def _is_of(entry: Any, kind: str) -> bool:
    return isinstance(entry, Mapping) and entry.get("type") == kind


def _default(name: str) -> str:
    return "formatted" if name == "addresses" else "value"


def _write_entry(holder: dict[str, Any], at: Path, value: Any) -> None:
    entries = holder.setdefault(at.name, [])
    if isinstance(value, list):
        entries.extend(one if isinstance(one, dict) else {at.sub: one} for one in value)
        return
    for entry in entries:
        if entry.get("type", "") == at.type:
            entry[at.sub] = value
            return
    trait = {"type": at.type} if at.type else {"primary": True}
    entries.append({at.sub: value, **trait})
