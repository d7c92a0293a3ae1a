"""What changed between two SCIM documents, as a PATCH tells it in either version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.scim.payload import is_extension

Operation = dict[str, Any]


def operations(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Operation]:
    """The smallest list of operations that makes `before` into `after` (RFC 7644 §3.5.2).

    Both are documents without null and empty values. Simple attributes are replaced, of a
    complex one only the sub-attributes that differ, multi-valued ones as a whole; what is
    not in `after` is removed. Extension attributes have paths with their urn.

    >>> operations({"title": "Dr", "name": {"givenName": "K"}}, {"name": {"givenName": "Kim"}})
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'op': 'remove', 'path': 'title'},
     {'op': 'replace', 'path': 'name.givenName', 'value': 'Kim'}]
    """
    old, new = dict(_attributes(before)), dict(_attributes(after))
    removed = [_remove(path) for path in old if path not in new]
    changed = [
        operation
        for path, value in new.items()
        for operation in _between(path, old.get(path), value)
    ]
    return removed + changed


def without_paths(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Operation]:
    """The same for servers that take changed attributes as values of one operation.

    Whole attributes, for what such a server does with half a complex one is not known;
    removing needs a path everywhere (§3.5.2.2).

    >>> without_paths({"title": "Dr"}, {"name": {"givenName": "Kim"}, "active": False})
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'op': 'remove', 'path': 'title'},
     {'op': 'replace', 'value': {'name': {'givenName': 'Kim'}, 'active': False}}]
    """
    removed = [one for one in operations(before, after) if one["op"] == "remove"]
    changed = {key: value for key, value in after.items() if not same(before.get(key), value)}
    return [*removed, {"op": "replace", "value": changed}] if changed else removed


def _attributes(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if is_extension(key) and isinstance(value, Mapping):
            yield from ((f"{key}:{name}", inner) for name, inner in value.items())
        else:
            yield key, value


def _between(path: str, old: Any, new: Any) -> Iterator[Operation]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from (_remove(f"{path}.{name}") for name in old if name not in new)
        for name, value in new.items():
            if not same(old.get(name), value):
                yield _replace(f"{path}.{name}", value)
    elif not same(old, new):
        yield _replace(path, new)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _replace(path: str, value: Any) -> Operation:
    return {"op": "replace", "path": path, "value": value}


def _remove(path: str) -> Operation:
    return {"op": "remove", "path": path}
