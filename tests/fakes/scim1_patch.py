"""PATCH on a dictionary, written from REST API 1.1 §3.3.2 and not from our code."""

from __future__ import annotations

from typing import Any

from tests.fakes.scim2_patch import PatchRefused

NOT_THERE = "is not there"


def apply_partial(resource: dict[str, Any], body: dict[str, Any], *, strangers: str) -> None:
    """First what `meta.attributes` names goes, then the rest is merged.

    `strangers`: whether a value to delete that is not there is "ignored" or "refused".
    """
    for path in body.get("meta", {}).get("attributes", []):
        _remove(resource, path)
    rest = {key: value for key, value in body.items() if key not in ("meta", "schemas", "id")}
    _merge(resource, rest, strangers)


def _remove(resource: dict[str, Any], path: str) -> None:
    urn, _, rest = path.rpartition(":")
    holder: Any = resource.get(urn, {}) if urn.startswith("urn:") else resource
    name, _, part = rest.partition(".")
    if part:
        holder, name = holder.get(name, {}), part
    holder.pop(name, None)


def _merge(resource: dict[str, Any], partial: dict[str, Any], strangers: str) -> None:
    for key, value in partial.items():
        if isinstance(value, dict):
            _merge(resource.setdefault(key, {}), value, strangers)
        elif isinstance(value, list):
            for entry in value:
                _merge_value(resource.setdefault(key, []), dict(entry), strangers)
        else:
            resource[key] = value


def _merge_value(held: list[dict[str, Any]], entry: dict[str, Any], strangers: str) -> None:
    deleted = entry.pop("operation", "") == "delete"
    same = [one for one in held if "value" in entry and one.get("value") == entry["value"]]
    if deleted and not same and strangers == "refused":
        raise PatchRefused(f"{entry.get('value')} {NOT_THERE}", "")
    if deleted:
        held[:] = [one for one in held if one not in same]
        return
    if entry.get("primary") is True:
        for one in held:
            one.pop("primary", None)
    if same:
        same[0].update(entry)
    else:
        held.append(entry)
