"""From mapped attributes to the bodies of users.insert and users.update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.google import resource
from connectors.types import Entity

_TRAITS = frozenset({"type", "customType", "primary"})
"""What says nothing by itself in an entry of a list."""
_ALWAYS = frozenset({"name", "orgUnitPath"})
"""What a user always has: it is changed, never taken away."""


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
        if key in (names.given, names.family) or resource.is_known(key)
    }
    return {**used, "primaryEmail": entity.remote_name, "suspended": not entity.active}


def user(attributes: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The User resource that `held` describes, without password."""
    body: dict[str, Any] = {}
    for key, value in attributes.items():
        if key not in (names.given, names.family) and value not in (None, "", [], {}):
            resource.place(body, key, value)
    for part, key in (("givenName", names.given), ("familyName", names.family)):
        if attributes.get(key):
            body.setdefault("name", {})[part] = resource.text(attributes[key])
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

    What is there no more is sent as null, except what a user always has. A list is sent
    whole: `with_others` adds what others keep in it.
    """
    old, fresh = user(before, names), user(after, names)
    body = {key: value for key, value in fresh.items() if old.get(key) != value}
    gone = [key for key in old if key not in fresh and key not in _ALWAYS]
    for nested in resource.NESTED & body.keys() & old.keys():
        body[nested] = _nested(old[nested], body[nested], cleared=nested != "name")
    return {**body, **dict.fromkeys(gone)}


def shared_lists(body: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The lists in the body in which others may keep entries: not those mapped whole."""
    return [key for key in body if key in resource.LISTS and not _is_whole(after.get(key))]


def with_others(
    body: Mapping[str, Any],
    lists: list[str],
    there: Mapping[str, Any],
    written: Mapping[str, Any],
    names: Names,
) -> dict[str, Any]:
    """The body with the entries and fields of its lists that we never wrote."""
    ours = user(written, names)
    addresses = {there.get("primaryEmail"), *there.get("aliases", ())}
    addresses |= {*there.get("nonEditableAliases", ())}
    merged = dict(body)
    for name in lists:
        current = [one for one in there.get(name) or [] if one.get("address") not in addresses]
        merged[name] = _merged(current, ours.get(name) or [], body[name] or []) or None
    return merged


def _merged(
    current: list[dict[str, Any]], ours: list[dict[str, Any]], wanted: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """`wanted`, and of `current` what is not of `ours`; entry by entry of the same type."""
    left = list(current)
    merged = [
        {**_beside(_taken(left, entry, ours), _of_kind(ours, entry)), **entry}
        for entry in wanted
    ]
    for old in ours:
        if not _of_kind(wanted, old):
            beside = _beside(_taken(left, old, ours), old)
            if beside.keys() - _TRAITS:
                merged.append({**{key: old[key] for key in _TRAITS & old.keys()}, **beside})
    only_one = any(entry.get("primary") for entry in merged)
    merged += [
        {key: value for key, value in entry.items() if not (only_one and key == "primary")}
        for entry in left
    ]
    return merged


def _taken(
    left: list[dict[str, Any]], entry: dict[str, Any], ours: list[dict[str, Any]]
) -> dict[str, Any]:
    """The entry there that is the one meant, taken out of `left`: of several of its type the
    one that we wrote."""
    same = [one for one in left if _kind(one) == _kind(entry)]
    old = _of_kind(ours, entry)
    written = [one for one in same if old and old.items() <= one.items()]
    chosen = next(iter(written or same), None)
    if chosen is None:
        return {}
    left.remove(chosen)
    return chosen


def _of_kind(entries: list[dict[str, Any]], like: dict[str, Any]) -> dict[str, Any]:
    return next((one for one in entries if _kind(one) == _kind(like)), {})


def _beside(entry: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in old}


def _kind(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """By what two entries are the same one; of values without a type, each is its own."""
    values = tuple(entry[key] for key in resource.VALUES.values() if key in entry)
    return values or (entry.get("type"), entry.get("customType") or None)


def _is_whole(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


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
