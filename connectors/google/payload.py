"""From mapped attributes to a user of the Directory API, and to what differs between two.

Remote names are paths of the User resource: `orgUnitPath`, `name.displayName`,
`phones.work`, `organizations.title`, `addresses.home.locality`, `externalIds.organization`,
`relations.manager`, `customSchemas.Employment.badge`. A whole list may come as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.types import Entity

TYPED = frozenset({"phones", "emails", "externalIds", "relations", "ims", "websites"})
"""Lists whose entries are `{type, value}`; `ims` keeps its address in `im`."""
STRUCTURED = frozenset({"addresses", "organizations", "locations", "posixAccounts"})
"""Lists whose entries have fields of their own."""
PLAIN = frozenset(
    {
        "orgUnitPath",
        "recoveryEmail",
        "recoveryPhone",
        "includeInGlobalAddressList",
        "changePasswordAtNextLogin",
        "ipWhitelisted",
        "gender",
        "notes",
        "keywords",
        "languages",
        "sshPublicKeys",
    }
)
NESTED = frozenset({"name", "customSchemas"})
_VALUE = {"ims": "im"}
_FORMATTED = {"addresses": "formatted", "organizations": "name", "locations": "area"}


@dataclass(frozen=True, slots=True)
class Names:
    """Which attributes hold the names, and where new users are put."""

    given: str
    family: str
    org_unit: str = ""


def held(entity: Entity, names: Names) -> dict[str, Any]:
    """What the target holds of the entity once it took it: the receipt's `accepted`."""
    used = {
        key: value
        for key, value in entity.attributes.items()
        if key in (names.given, names.family) or _root(key) in _KNOWN
    }
    return {**used, "primaryEmail": entity.remote_name, "suspended": not entity.active}


def user(attributes: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The User resource that `held` describes, without password."""
    body: dict[str, Any] = {}
    for key, value in attributes.items():
        if key not in (names.given, names.family) and value not in (None, "", [], {}):
            _place(body, key, value)
    for part, key in (("givenName", names.given), ("familyName", names.family)):
        if attributes.get(key):
            body.setdefault("name", {})[part] = _text(attributes[key])
    return body


def new(attributes: Mapping[str, Any], names: Names, password: str) -> dict[str, Any]:
    """The body of users.insert, which insists on both names and a password."""
    body = user(attributes, names)
    local = str(body["primaryEmail"]).partition("@")[0]
    # WSO2 does the same: who has no names is called as the account is.
    body["name"] = {"givenName": local, "familyName": local, **body.get("name", {})}
    if names.org_unit:
        body.setdefault("orgUnitPath", names.org_unit)
    return {**body, "password": password}


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Names
) -> dict[str, Any]:
    """The body of users.update, which leaves alone what it does not name: what differs.

    What is there no more is sent as null, except names and the organizational unit: a user
    always has them.
    """
    old, fresh = user(before, names), user(after, names)
    body = {key: value for key, value in fresh.items() if old.get(key) != value}
    gone = [key for key in old if key not in fresh and key not in ("name", "orgUnitPath")]
    for nested in NESTED & body.keys() & old.keys():
        body[nested] = _nested(old[nested], body[nested], cleared=nested != "name")
    return {**body, **dict.fromkeys(gone)}


def _nested(old: Any, new: Any, *, cleared: bool) -> Any:
    """Only what differs of a nested resource; what is gone as null."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return new
    told = {
        key: _nested(old.get(key), value, cleared=cleared)
        for key, value in new.items()
        if old.get(key) != value
    }
    return {**told, **({key: None for key in old if key not in new} if cleared else {})}


def _place(body: dict[str, Any], key: str, value: Any) -> None:
    root, *rest = key.split(".")
    if root in TYPED | STRUCTURED and not rest and isinstance(value, list):
        body.setdefault(root, []).extend(value)
    elif root in TYPED:
        _entry(body, root, rest[0] if rest else "work")[_VALUE.get(root, "value")] = _text(
            value
        )
    elif root == "organizations":
        entry = _entry(body, root, "work")
        entry["primary"] = True
        entry[rest[0] if rest else "name"] = _text(value)
    elif root in STRUCTURED:
        entry = _entry(body, root, rest[0] if rest else "work")
        entry[rest[1] if len(rest) > 1 else _FORMATTED.get(root, "value")] = _text(value)
    elif root in NESTED:
        _dig(body, key.split("."), value)
    else:
        body[key] = value


def _entry(body: dict[str, Any], root: str, kind: str) -> dict[str, Any]:
    entries: list[dict[str, Any]] = body.setdefault(root, [])
    for entry in entries:
        if entry.get("type") == kind:
            return entry
    entries.append({"type": kind})
    return entries[-1]


def _dig(body: dict[str, Any], steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        inner = body.setdefault(step, {})
        body = inner if isinstance(inner, dict) else {}
    body[steps[-1]] = value


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _root(key: str) -> str:
    return key.partition(".")[0]


_KNOWN = TYPED | STRUCTURED | PLAIN | NESTED
