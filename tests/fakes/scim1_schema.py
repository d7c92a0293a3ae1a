"""The attributes of Core Schema 1.1, and what of a body does not agree with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

CORE = "urn:scim:schemas:core:1.0"
ENTERPRISE = "urn:scim:schemas:extension:enterprise:1.0"

COMMON = {"externalId": str}
SINGULAR = {
    "Users": {
        **COMMON,
        **dict.fromkeys(
            (
                *("userName", "displayName", "nickName", "profileUrl", "title", "userType"),
                *("preferredLanguage", "locale", "timezone", "password"),
            ),
            str,
        ),
        "active": bool,
    },
    "Groups": {**COMMON, "displayName": str},
}
NAME_PARTS = {
    *("formatted", "familyName", "givenName", "middleName"),
    *("honorificPrefix", "honorificSuffix"),
}
VALUED = {"value", "display", "type", "primary"}
ADDRESS = {
    *("formatted", "streetAddress", "locality", "region", "postalCode", "country"),
    *("type", "primary"),
}
PLURAL = {
    "Users": {
        **dict.fromkeys(
            (
                *("emails", "phoneNumbers", "ims", "photos"),
                *("entitlements", "roles", "x509Certificates"),
            ),
            VALUED,
        ),
        "addresses": ADDRESS,
    },
    "Groups": {"members": {"value", "display"}},
}
ENTERPRISE_PARTS = {
    *("employeeNumber", "costCenter", "organization", "division", "department"),
    "manager",
}
MANAGER_PARTS = {"managerId", "displayName"}
REQUIRED = {"Users": "userName", "Groups": "displayName"}


def problems(kind: str, body: dict[str, Any], *, partial: bool) -> Iterator[str]:
    """What is wrong with a resource, or with a `partial` one of a PATCH."""
    yield from _schemas(body)
    for key, value in body.items():
        if key == "meta":
            yield from _meta(kind, value) if partial else ["meta is the server's"]
        elif key not in ("schemas", "id"):
            yield from _attribute(kind, key, value, partial)


def _attribute(kind: str, key: str, value: Any, partial: bool) -> Iterator[str]:
    if key.startswith("urn:"):
        yield from _extension(key, value)
    elif key in SINGULAR[kind]:
        if not isinstance(value, SINGULAR[kind][key]):
            yield f"{key} is {value!r}"
    elif key in PLURAL[kind]:
        yield from _plural(key, value, PLURAL[kind][key], partial)
    elif key == "name" and kind == "Users":
        yield from _complex(key, value, NAME_PARTS)
    else:
        yield f"there is no attribute {key}"


def _schemas(body: dict[str, Any]) -> Iterator[str]:
    schemas = body.get("schemas")
    if not isinstance(schemas, list) or CORE not in schemas:
        yield f"schemas is {schemas!r}"
        return
    if len(schemas) != len(set(schemas)):
        yield "a schema is listed twice"
    yield from (
        f"schemas lacks {key}" for key in body if key.startswith("urn:") and key not in schemas
    )
    yield from (
        f"{one} is SCIM 2.0" for one in schemas if one.startswith("urn:ietf:params:scim")
    )


def _meta(kind: str, meta: Any) -> Iterator[str]:
    if not isinstance(meta, dict) or set(meta) != {"attributes"} or not meta["attributes"]:
        yield f"meta is {meta!r}"
        return
    for path in meta["attributes"]:
        urn, _, rest = path.rpartition(":")
        attribute, _, part = rest.partition(".")
        if urn in ("", CORE):
            known = {*SINGULAR[kind], *PLURAL[kind], "name"} - {REQUIRED[kind]}
            if attribute not in known or (part and part not in NAME_PARTS):
                yield f"{path} cannot be removed"
        elif urn == ENTERPRISE and attribute not in ENTERPRISE_PARTS:
            yield f"there is no attribute {path}"


def _extension(urn: str, value: Any) -> Iterator[str]:
    if not isinstance(value, dict) or not value:
        yield f"{urn} is {value!r}"
    elif urn == ENTERPRISE:
        yield from _complex(
            urn, {k: v for k, v in value.items() if k != "manager"}, ENTERPRISE_PARTS
        )
        yield from _complex("manager", value.get("manager", {}), MANAGER_PARTS)


def _complex(key: str, value: Any, parts: set[str]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{key} is {value!r}"
        return
    for part, inner in value.items():
        if part not in parts or not isinstance(inner, str):
            yield f"{key}.{part} is {inner!r}"


def _plural(key: str, value: Any, parts: set[str], partial: bool) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        yield f"{key} is {value!r}"
        return
    for entry in value:
        odd = set(entry) - parts - ({"operation"} if partial else set())
        if odd or entry.get("operation", "delete") != "delete" or None in entry.values():
            yield f"{key} holds {entry!r}"
        if not isinstance(entry.get("primary", True), bool):
            yield f"{key}.primary is no boolean"
    if sum(entry.get("primary") is True for entry in value) > 1:
        yield f"{key} has several primary values"
