"""A user of the Directory API, made from values by path.

Paths: `orgUnitPath`, `name.displayName`, `phones.work`, `emails.home`,
`organizations.title`, `addresses.home.locality`, `externalIds.organization`,
`relations.manager`, `posixAccounts.username`, `languages`, `notes`, `gender`,
`customSchemas.Employment.badge`. A whole list may come as it is, under the list's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PLACES = {"home", "other", "work"}
TYPED: Mapping[str, tuple[str, set[str]]] = {
    "emails": ("address", _PLACES),
    "ims": ("im", _PLACES),
    "keywords": ("value", {"mission", "occupation", "outlook"}),
    "externalIds": (
        "value",
        {"account", "customer", "login_id", "network", "organization"},
    ),
    "phones": (
        "value",
        {
            "assistant", "callback", "car", "company_main", "grand_central", "home", "home_fax",
            "isdn", "main", "mobile", "other", "other_fax", "pager", "radio", "telex",
            "tty_tdd", "work", "work_fax", "work_mobile", "work_pager",
        },
    ),
    "relations": (
        "value",
        {
            "admin_assistant", "assistant", "brother", "child", "domestic_partner",
            "dotted_line_manager", "exec_assistant", "father", "friend", "manager", "mother",
            "parent", "partner", "referred_by", "relative", "sister", "spouse",
        },
    ),
    "websites": (
        "value",
        {
            "app_install_page", "blog", "ftp", "home", "home_page", "other", "profile",
            "reservations", "resume", "work",
        },
    ),
}  # fmt: skip
"""Lists of `{type, …}`: the field that holds the value, and the types Google knows."""
STRUCTURED: Mapping[str, tuple[str, set[str]]] = {
    "addresses": ("formatted", _PLACES),
    "locations": ("area", {"default", "desk"}),
}
"""Lists whose entries have fields besides; the field meant where the path names none."""
_USUAL = {
    "externalIds": "organization",
    "keywords": "occupation",
    "locations": "desk",
    "relations": "manager",
}
"""The type meant where a path names none; else it is work."""
ONE_ENTRY = {"organizations": "name", "posixAccounts": "username"}
"""Lists of which we write the primary entry."""
VALUES = {"languages": "languageCode", "sshPublicKeys": "key"}
"""Lists of values without a type."""
OBJECTS = {"gender": "type", "notes": "value"}
NESTED = frozenset({"name", "customSchemas"})
BOOLEANS = frozenset(
    {"archived", "changePasswordAtNextLogin", "includeInGlobalAddressList", "ipWhitelisted"}
)
PLAIN = BOOLEANS | {"orgUnitPath", "recoveryEmail", "recoveryPhone"}
LISTS = TYPED.keys() | STRUCTURED.keys() | ONE_ENTRY.keys() | VALUES.keys()
KNOWN = LISTS | OBJECTS.keys() | NESTED | PLAIN
GENDERS = frozenset({"female", "male", "other", "unknown"})


def is_known(path: str) -> bool:
    """Whether the path is one into a user that we may write."""
    return path.partition(".")[0] in KNOWN and path != "name"


def place(body: dict[str, Any], path: str, value: Any) -> None:
    """Write the value at its place in the resource."""
    root, *rest = path.split(".")
    if root in LISTS and not rest and isinstance(value, list) and _are_entries(value):
        body.setdefault(root, []).extend(dict(one) for one in value)
    elif root in VALUES:
        many = value if isinstance(value, list) else [value]
        body.setdefault(root, []).extend({VALUES[root]: str(one)} for one in many)
    elif root in TYPED:
        field, known = TYPED[root]
        _entry(body, root, _kind(rest, root, known))[field] = text(value)
    elif root in STRUCTURED:
        field, known = STRUCTURED[root]
        _entry(body, root, _kind(rest, root, known))[rest[1] if len(rest) > 1 else field] = (
            text(value)
        )
    elif root in ONE_ENTRY:
        kind = (
            {"type": "work", "primary": True} if root == "organizations" else {"primary": True}
        )
        field = rest[0] if rest else ONE_ENTRY[root]
        _entry(body, root, kind)[field] = _number(value) if field == _COUNTED else text(value)
    elif root in OBJECTS:
        body.setdefault(root, {}).update(_object(root, rest, value))
    elif root in NESTED:
        _dig(body, path.split("."), value)
    else:
        body[root] = _boolean(value) if root in BOOLEANS else value


_COUNTED = "fullTimeEquivalent"


def _kind(rest: list[str], root: str, known: set[str]) -> dict[str, Any]:
    """A type Google does not know is a custom one, which has a name."""
    kind = rest[0] if rest else _USUAL.get(root, "work")
    return {"type": kind} if kind in known else {"type": "custom", "customType": kind}


def _entry(body: dict[str, Any], root: str, kind: dict[str, Any]) -> dict[str, Any]:
    entries: list[dict[str, Any]] = body.setdefault(root, [])
    for entry in entries:
        if kind.items() <= entry.items():
            return entry
    entries.append(dict(kind))
    return entries[-1]


def _object(root: str, rest: list[str], value: Any) -> dict[str, str]:
    if rest:
        return {rest[0]: text(value)}
    if root == "gender" and text(value).lower() not in GENDERS:
        return {"type": "other", "customGender": text(value)}
    said = text(value)
    return {OBJECTS[root]: said.lower() if root == "gender" else said}


def _dig(body: dict[str, Any], steps: list[str], value: Any) -> None:
    is_custom = steps[0] == "customSchemas"
    for step in steps[:-1]:
        inner = body.setdefault(step, {})
        body = inner if isinstance(inner, dict) else {}
    if is_custom and isinstance(value, list):
        value = [one if isinstance(one, Mapping) else {"value": one} for one in value]
    body[steps[-1]] = value


def _are_entries(value: list[Any]) -> bool:
    return all(isinstance(one, Mapping) for one in value)


def _boolean(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"true": True, "false": False}.get(value.strip().lower(), value)


def _number(value: Any) -> Any:
    return int(value) if str(value).strip().isdigit() else value


def text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
