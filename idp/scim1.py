"""SCIM 1.1 names of places in the canonical document, which has the names of SCIM 2.0.

Core attributes are called the same in both. What is called otherwise stands in two tables,
where each name leads to the place of its own meaning. WSO2 keeps what others have in the
enterprise extension in one of its own: it is understood, and written only where a claim
mapping says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from idp.claim_places import CUSTOM, ENTERPRISE

CORE = "urn:scim:schemas:core:1.0"
ENTERPRISE_1 = "urn:scim:schemas:extension:enterprise:1.0"
WSO2 = "urn:scim:schemas:extension:wso2:1.0"

SCHEMAS: Mapping[str, str] = {CORE: "", ENTERPRISE_1: ENTERPRISE, WSO2: ENTERPRISE}
"""Where the attributes of each schema are; "" is the core."""
NAMES: Mapping[str, str] = {
    f"{ENTERPRISE_1}:manager.managerId": f"{ENTERPRISE}:manager.value",
    f"{WSO2}:manager.managerId": f"{ENTERPRISE}:manager.value",
    f"{WSO2}:askPassword": f"{CUSTOM}:askPassword",
    f"{WSO2}:verifyEmail": f"{CUSTOM}:verifyEmail",
    "timeZone": "timezone",
}
"""Attributes that are called otherwise, as paths: SCIM 1.1's and ours."""
SPOKEN: Mapping[str, str] = {
    ENTERPRISE: ENTERPRISE_1,
    f"{ENTERPRISE}:manager.value": f"{ENTERPRISE_1}:manager.managerId",
    "timeZone": "timezone",
}
"""What we call places when we speak SCIM 1.1: schemas and attributes.

`timeZone` is what WSO2's claim dialect calls `timezone`, also its own on the wire."""
UNSPOKEN = f"{ENTERPRISE}:manager.$ref"
"""SCIM 1.1 has no name for it: not told."""

_Leaf = tuple[str, str, str]
"""Schema, attribute and, of a complex one, the part; "" where there is none."""


def place_of(name: str) -> str:
    """The place that a SCIM 1.1 path leads to; the same path for what is called the same.

    >>> place_of("urn:scim:schemas:extension:enterprise:1.0:manager.managerId")
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value'
    >>> place_of("urn:scim:schemas:core:1.0:name.givenName")
    'name.givenName'
    """
    return _path(_place(_leaf(name)))


def name_of(place: str) -> str:
    """What a place is called in SCIM 1.1; SCIM 1.1 paths stay what they are.

    >>> name_of("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department")
    'urn:scim:schemas:extension:enterprise:1.0:department'
    """
    return _path(_name(_leaf(place)))


def told(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document of ours as SCIM 1.1 tells it."""
    return _moved(document, lambda leaf: None if _path(leaf) == UNSPOKEN else _name(leaf))


def understood(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a SCIM 1.1 document tells (without `schemas` and `meta`), as a document of ours."""
    return _moved(document, _place)


def _leaf(path: str) -> _Leaf:
    schema, _, rest = (
        path.rpartition(":") if path.lower().startswith("urn:") else ("", "", path)
    )
    name, _, sub = rest.partition(".")
    return schema, name, sub


def _path(leaf: _Leaf) -> str:
    schema, name, sub = leaf
    return f"{schema}:{name}".removeprefix(":") + (f".{sub}" if sub else "")


def _lower(leaf: _Leaf) -> _Leaf:
    schema, name, sub = leaf
    return schema.lower(), name.lower(), sub.lower()


_PLACES = {_lower(_leaf(name)): _leaf(place) for name, place in NAMES.items()}
_SCHEMAS = {schema.lower(): there for schema, there in SCHEMAS.items()}
_SPOKEN = {_lower(_leaf(p)): _leaf(n) for p, n in SPOKEN.items() if p != ENTERPRISE}


def _place(leaf: _Leaf) -> _Leaf:
    schema, name, sub = leaf
    return _PLACES.get(_lower(leaf)) or (_SCHEMAS.get(schema.lower(), schema), name, sub)


def _name(leaf: _Leaf) -> _Leaf:
    schema, name, sub = leaf
    same = schema.lower() == ENTERPRISE.lower()
    return _SPOKEN.get(_lower(leaf)) or (SPOKEN[ENTERPRISE] if same else schema, name, sub)


def _moved(
    document: Mapping[str, Any], where: Callable[[_Leaf], _Leaf | None]
) -> dict[str, Any]:
    """The document with each leaf at another place. Lists are not entered."""
    moved: dict[str, Any] = {}
    for key, value in document.items():
        if key.lower().startswith("urn:") and isinstance(value, Mapping):
            for name, inner in value.items():
                _move(moved, (key, name), inner, where)
        else:
            _move(moved, ("", key), value, where)
    return moved


def _move(
    moved: dict[str, Any],
    attribute: tuple[str, str],
    value: Any,
    where: Callable[[_Leaf], _Leaf | None],
) -> None:
    parts = value.items() if isinstance(value, Mapping) and value else [("", value)]
    for sub, inner in parts:
        there = where((*attribute, sub))
        if there is not None:
            _put(moved, there, inner)


def _put(document: dict[str, Any], leaf: _Leaf, value: Any) -> None:
    *holders, last = (step for step in leaf if step)
    for step in holders:
        below = document.get(step)
        document[step] = document = below if isinstance(below, dict) else {}
    document[last] = value
