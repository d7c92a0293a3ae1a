"""How each field of `Behaviour` is written in a file, and what it may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from connectors.scim.profiles.behaviour import Throttling

_THROTTLING_KEYS = frozenset(field.name for field in fields(Throttling))


class Refused(ValueError):
    """What is wrong with a value; the reader says where."""


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in allowed:
            raise Refused(f"must be {' or '.join(allowed)}")
        return str(value)

    return check


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused("must be true or false")
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10_000:
        raise Refused("must be a whole number from 1 to 10000")
    return value


def _word(value: Any) -> str:
    good = isinstance(value, str) and value.isascii() and value.isprintable()
    if not good or not value:
        raise Refused("must be a text")
    return str(value)


def _paths(value: Any) -> tuple[str, ...]:
    good = isinstance(value, list) and all(isinstance(one, str) and one for one in value)
    if not good:
        raise Refused("must be a list of attributes")
    return tuple(value)


def _throttling(value: Any) -> tuple[Throttling, ...]:
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise Refused("must be a list of tables")
    return tuple(map(_throttled, value))


def _throttled(value: Mapping[str, Any]) -> Throttling:
    for key in value:
        if key not in _THROTTLING_KEYS:
            raise Refused(f"has no key {key}: known are {', '.join(sorted(_THROTTLING_KEYS))}")
    statuses = value.get("statuses")
    if not isinstance(statuses, list) or not statuses or not all(map(_is_status, statuses)):
        raise Refused("needs statuses, a list of numbers from 400 to 599")
    found: dict[str, Any] = {"statuses": tuple(statuses)}
    found |= {key: _word(value[key]) for key in ("says", "spent", "until") if key in value}
    if not found.keys() & {"says", "spent"}:
        raise Refused("needs says or spent: a status alone means other things as well")
    if "pause" in value:
        found["pause"] = float(_count(value["pause"]))
    return Throttling(**found)


def _is_status(value: Any) -> bool:
    return isinstance(value, int) and 400 <= value < 600


SETTINGS: Mapping[str, Callable[[Any], Any]] = {
    "accept": _word,
    "content_type": _word,
    "config_resource": _word,
    "user_update": _one_of("auto", "put", "patch"),
    "group_update": _one_of("auto", "put", "patch"),
    "patch_paths": _boolean,
    "user_filters": _paths,
    "group_filters": _paths,
    "start_index": _boolean,
    "excluded_attributes": _boolean,
    "members_per_request": _count,
    "member_removal": _one_of("path", "values"),
    "member_values": _one_of("list", "object"),
    "single_valued": _paths,
    "marked_primary": _paths,
    "omitted": _paths,
    "required": _paths,
    "user_delete": _one_of("delete", "deactivate"),
    "deactivation": _one_of("keeps", "removes"),
    "group_life": _one_of("whole", "members"),
    "group_rename": _boolean,
    "throttling": _throttling,
}
