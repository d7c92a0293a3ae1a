"""Whether a request is one that Google's own discovery document describes."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from tests.fakes.server import Request

ROOT = "/admin/directory/v1/"
OF_LISTS = {
    "addresses": "UserAddress",
    "emails": "UserEmail",
    "externalIds": "UserExternalId",
    "ims": "UserIm",
    "keywords": "UserKeyword",
    "languages": "UserLanguage",
    "locations": "UserLocation",
    "organizations": "UserOrganization",
    "phones": "UserPhone",
    "posixAccounts": "UserPosixAccount",
    "relations": "UserRelation",
    "sshPublicKeys": "UserSshPublicKey",
    "websites": "UserWebsite",
}
"""The document calls these fields of a User *any* and describes their entries beside."""
OF_OBJECTS = {"gender": "UserGender", "notes": "UserAbout"}


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
    if problem := _unlike_parameters(request, method["parameters"]):
        return problem
    if "request" not in method:
        return "" if not request.body else "a body where none belongs"
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return "Parse Error: the content is no application/json"
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


def _unlike_parameters(request: Request, known: dict[str, Any]) -> str:
    for name, value in request.query.items():
        if name not in known:
            return f"unknown parameter {name}"
        rule = known[name]
        if "enum" in rule and value not in rule["enum"]:
            return f"{name} is none of {rule['enum']}"
        if rule["type"] == "integer":
            low, high = int(rule.get("minimum", 0)), int(rule.get("maximum", 10**9))
            if not (value.isdigit() and low <= int(value) <= high):
                return f"{name} is not between {low} and {high}"
    return ""


_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "array": list,
    "object": dict,
    "integer": int,
}


def _unlike_schema(name: str, document: Any) -> str:
    if not isinstance(document, dict):
        return f"{name} is no object"
    properties = discovery()["schemas"][name].get("properties", {})
    for key, value in document.items():
        known = properties.get(key)
        if known is None:
            return f"{name} has no field {key}"
        if known.get("readOnly"):
            return f"{name}.{key} is read-only"
        if value is not None and (problem := _unlike_field(name, key, known, value)):
            return problem
    return ""


def _unlike_field(name: str, key: str, known: dict[str, Any], value: Any) -> str:
    if "$ref" in known:
        return _unlike_schema(known["$ref"], value)
    if name == "User" and key in OF_OBJECTS:
        return _unlike_schema(OF_OBJECTS[key], value)
    if name == "User" and key in OF_LISTS:
        if not isinstance(value, list):
            return f"{name}.{key} is no array"
        problems = (_unlike_schema(OF_LISTS[key], entry) for entry in value)
        return next(filter(None, problems), "")
    kind = _TYPES.get(known["type"])
    wrong = kind is not None and not isinstance(value, kind)
    return f"{name}.{key} is no {known['type']}" if wrong else ""
