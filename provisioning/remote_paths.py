"""Paths into a SCIM document as claim mappings write them.

`title` · `name.givenName` · `emails[type eq "work"].value` · `emails.work` (the same) ·
`urn:…:User:department`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_FILTERED = re.compile(r'\A(?P<name>\w+)\[type eq "(?P<type>[^"\]]+)"\](?:\.value)?\Z')
_MULTI_VALUED = {"emails", "phoneNumbers", "ims", "photos", "entitlements", "roles"}


def split(path: str) -> tuple[str, str, str]:
    """`(schema or "", attribute, sub-attribute or type or "")`."""
    schema = ""
    if path.startswith("urn:"):
        schema, _, path = path.rpartition(":")
    if match := _FILTERED.match(path):
        return schema, match["name"], match["type"]
    name, _, sub = path.partition(".")
    return schema, name, sub


def write(document: dict[str, Any], path: str, value: Any) -> None:
    """Set one path; what else the document holds stays."""
    schema, name, sub = split(path)
    holder = document.setdefault(schema, {}) if schema else document
    if name in _MULTI_VALUED:
        _write_typed(holder, name, sub, value)
    elif sub:
        holder.setdefault(name, {})[sub] = value
    else:
        holder[name] = value


def read(document: Mapping[str, Any], path: str) -> Any:
    """The value under a path, or None."""
    schema, name, sub = split(path)
    holder = document.get(schema, {}) if schema else document
    value = holder.get(name)
    if name in _MULTI_VALUED:
        entries = [entry for entry in value or () if isinstance(entry, Mapping)]
        return next((e.get("value") for e in entries if not sub or e.get("type") == sub), None)
    if sub:
        return value.get(sub) if isinstance(value, Mapping) else None
    return value


def _write_typed(holder: dict[str, Any], name: str, kind: str, value: Any) -> None:
    entries = holder.setdefault(name, [])
    if isinstance(value, list):
        entries.extend(one if isinstance(one, dict) else {"value": one} for one in value)
        return
    for entry in entries:
        if entry.get("type", "") == kind:
            entry["value"] = value
            return
    entries.append(
        {"value": value, "type": kind} if kind else {"value": value, "primary": True}
    )
