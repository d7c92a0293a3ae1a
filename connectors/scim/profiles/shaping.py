"""A user's document as the product takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.errors import NotConfigured
from connectors.scim.payload import is_extension
from connectors.scim.profiles.behaviour import Behaviour


def shaped(document: Mapping[str, Any], behaviour: Behaviour) -> dict[str, Any]:
    """Without what is not sent; one value where one is taken; marked where marks are."""
    result = without(document, behaviour.omitted)
    for key in behaviour.single_valued:
        if isinstance(result.get(key), list):
            result[key] = _primary(result[key])[:1]
    for key in behaviour.marked_primary:
        if isinstance(result.get(key), list):
            result[key] = _marked(result[key])
    return result


def check_required(document: Mapping[str, Any], behaviour: Behaviour, product: str) -> None:
    """Raises NotConfigured that names every attribute that is missing."""
    missing = [path for path in behaviour.required if _at(document, _steps(path)) is None]
    if missing:
        raise NotConfigured(
            f"{product} creates nobody without {', '.join(missing)}: fill in the claim mapping"
        )


def without(document: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The document without the attributes at these paths, in every value of a list."""
    result = dict(document)
    for path in paths:
        result = _less(result, _steps(path))
    return result


def _less(document: Mapping[str, Any], steps: list[str]) -> dict[str, Any]:
    first, *rest = steps
    if first not in document:
        return dict(document)
    if not rest:
        return {key: value for key, value in document.items() if key != first}
    lesser = _lesser(document[first], rest)
    kept = {key: value for key, value in document.items() if key != first}
    return kept if lesser in ({}, []) else {**document, first: lesser}


def _lesser(value: Any, steps: list[str]) -> Any:
    if isinstance(value, Mapping):
        return _less(value, steps)
    if isinstance(value, list):
        left = [_lesser(one, steps) for one in value]
        return [one for one in left if one != {}]
    return value


def _at(value: Any, steps: list[str]) -> Any:
    """What is there, or None; of a list the first value counts."""
    for step in steps:
        value = value[0] if isinstance(value, list) and value else value
        value = value.get(step) if isinstance(value, Mapping) else None
    return None if value in ("", [], {}) else value


def _steps(path: str) -> list[str]:
    """`urn:…:User:manager.displayName` → the extension, manager, displayName."""
    if is_extension(path):
        schema, _, names = path.rpartition(":")
        return [schema, *names.split(".")]
    return path.split(".")


def _primary(values: list[Any]) -> list[Any]:
    primary = [one for one in values if isinstance(one, Mapping) and one.get("primary") is True]
    return primary or values


def _marked(values: list[Any]) -> list[Any]:
    first, *rest = _primary(values)
    if not isinstance(first, Mapping) or first.get("primary") is True:
        return values
    return [{**first, "primary": True}, *rest]
