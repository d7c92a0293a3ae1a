"""PATCH on a dictionary (RFC 7644 §3.5.2), written from the RFC and not from our code."""

from __future__ import annotations

import json
import re
from typing import Any

_VALUE_PATH = re.compile(r'(\w+)\[value eq ("(?:[^"\\]|\\.)*")\]$')
_EXTENSION = re.compile(r"(urn:.+):([^:]+)$", re.IGNORECASE)


class PatchRefused(Exception):
    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def apply_patch(resource: dict[str, Any], operations: list[dict[str, Any]]) -> None:
    for operation in operations:
        kind, path = operation["op"].lower(), operation.get("path", "")
        if kind == "remove":
            _remove(resource, path, operation.get("value"))
        elif path:
            _set(resource, path, operation["value"], append=kind == "add")
        else:
            for key, value in operation["value"].items():
                _set(resource, key, value, append=kind == "add")


def _set(resource: dict[str, Any], path: str, value: Any, *, append: bool) -> None:
    holder, name = _step(resource, path, make=True)
    if append and isinstance(value, list):
        held = holder.setdefault(name, [])
        held.extend(one for one in value if one not in held)
    else:
        holder[name] = value


def _remove(resource: dict[str, Any], path: str, value: Any) -> None:
    filtered = _VALUE_PATH.match(path)
    if filtered:
        wanted = json.loads(filtered[2])
        held = resource.get(filtered[1], [])
        kept = [one for one in held if str(one["value"]) != wanted]
        if len(kept) == len(held):
            raise PatchRefused(f"nothing at {path}", "noTarget")
        resource[filtered[1]] = kept
        return
    if not path:
        raise PatchRefused("remove needs a path", "noTarget")
    holder, name = _step(resource, path, make=False)
    if isinstance(value, list):
        gone = [str(one["value"]) for one in value]
        holder[name] = [one for one in holder.get(name, []) if str(one["value"]) not in gone]
    else:
        holder.pop(name, None)


def _step(resource: dict[str, Any], path: str, *, make: bool) -> tuple[dict[str, Any], str]:
    """The dictionary that holds the last name of the path, and that name."""
    extension = _EXTENSION.match(path)
    holder = resource
    if extension:
        holder = (
            resource.setdefault(extension[1], {}) if make else resource.get(extension[1], {})
        )
        path = extension[2]
    parent, _, child = path.partition(".")
    if not child:
        return holder, parent
    inner = holder.setdefault(parent, {}) if make else holder.get(parent, {})
    return inner, child
