"""Whether a request is one that Google's own discovery document describes."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from tests.fakes.server import Request

ROOT = "/admin/directory/v1/"


@cache
def discovery() -> dict[str, Any]:
    name = "discovery_cache/documents/admin.directory_v1.json"
    text = resources.files("googleapiclient").joinpath(name).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def unlike_discovery(request: Request, steps: list[str]) -> str:
    """What the discovery document does not know about this request, in words."""
    method = _method(request.method, steps)
    if method is None:
        return f"no method {request.method} {'/'.join(steps)}"
    if unknown := set(request.query) - set(method["parameters"]):
        return f"unknown parameters {sorted(unknown)}"
    if "request" not in method:
        return "" if not request.body else "a body where none belongs"
    return _unlike_schema(method["request"]["$ref"], request.json)


def _method(verb: str, steps: list[str]) -> dict[str, Any] | None:
    for resource in discovery()["resources"].values():
        for method in resource.get("methods", {}).values():
            pattern = method["path"].removeprefix(ROOT.strip("/") + "/").split("/")
            fits = len(pattern) == len(steps) and all(
                want == have or want.startswith("{")
                for want, have in zip(pattern, steps, strict=True)
            )
            if method["httpMethod"] == verb and fits:
                found: dict[str, Any] = method
                return found
    return None


_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "array": list,
    "object": dict,
    "integer": int,
}


def _unlike_schema(name: str, document: Any) -> str:
    properties = discovery()["schemas"][name]["properties"]
    for key, value in document.items():
        known = properties.get(key)
        if known is None:
            return f"{name} has no field {key}"
        if known.get("readOnly"):
            return f"{name}.{key} is read-only"
        if value is None:
            continue
        if "$ref" in known:
            if problem := _unlike_schema(known["$ref"], value):
                return problem
        elif known["type"] in _TYPES and not isinstance(value, _TYPES[known["type"]]):
            return f"{name}.{key} is no {known['type']}"
    return ""
