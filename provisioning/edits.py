"""What an operator changes about one delivery: values of attributes, never a secret.

Edits stay with the job, beside what the mapping gives, and are laid over it whenever the job
is planned again. No other job takes them over: the next change sends the mapped state.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors import Dialect
from connectors.redaction import MASK, masked
from provisioning import remote_paths

EDITS = "edits"
"""The key in a job's payload."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A new value for a path; `before` is what the mapping gave. None: nothing there."""

    path: str
    before: Any
    value: Any


def carried(payload: Mapping[str, Any]) -> tuple[Edit, ...]:
    return tuple(Edit(*one) for one in payload.get(EDITS, ()))


def onto(
    payload: Mapping[str, Any], edits: tuple[Edit, ...], dialect: Dialect
) -> dict[str, Any]:
    """The payload with these edits, which it carries from then on."""
    edited = copy.deepcopy(dict(payload))
    attributes, create_only = edited["attributes"], edited.get("create_only") or {}
    for edit in edits:
        if edit.path in create_only:
            _set_flat(create_only, edit)
        elif dialect is Dialect.FLAT:
            _set_flat(attributes, edit)
        elif edit.value is None:
            remote_paths.remove(attributes, edit.path)
        else:
            _replace(attributes, edit)
    edited[EDITS] = [[edit.path, edit.before, edit.value] for edit in edits]
    return edited


def _set_flat(values: dict[str, Any], edit: Edit) -> None:
    if edit.value is None:
        values.pop(edit.path, None)
    else:
        values[edit.path] = edit.value


def _replace(attributes: dict[str, Any], edit: Edit) -> None:
    if isinstance(edit.value, list):
        remote_paths.remove(attributes, edit.path)
    remote_paths.write(attributes, edit.path, edit.value)


def values(payload: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Every value of a payload's attributes by the path that writes it.

    >>> document = {"title": "Dr", "name": {"givenName": "Kim"},
    ...             "emails": [{"value": "k@x.example", "type": "work", "primary": True}]}
    >>> values({"attributes": document}, Dialect.SCIM)
    {'title': 'Dr', 'name.givenName': 'Kim', 'emails[type eq "work"].value': 'k@x.example'}
    """
    attributes = payload.get("attributes") or {}
    if dialect is Dialect.FLAT:
        found = dict(attributes)
    else:
        told = dict(_paths(attributes))
        # What another entry hides cannot be written by its path, so it is not told.
        found = {p: v for p, v in told.items() if remote_paths.read(attributes, p) == v}
    return {**found, **(payload.get("create_only") or {})}


def _paths(document: Mapping[str, Any], schema: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if name.startswith("urn:") and isinstance(value, Mapping):
            yield from _paths(value, f"{name}:")
        elif isinstance(value, Mapping):
            yield from ((f"{schema}{name}.{sub}", part) for sub, part in value.items())
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for entry in value:
                yield from _of_entry(f"{schema}{name}", entry)
        else:
            yield f"{schema}{name}", value


def _of_entry(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = entry.get("type")
    for sub, value in entry.items():
        if sub in ("type", "primary"):
            continue
        if kind:
            yield f'{name}[type eq "{kind}"].{sub}', value
        else:
            yield name if sub == "value" else f"{name}.{sub}", value


def shown(path: str, value: Any) -> Any:
    """A value as it may be shown: what is secret by its name is masked."""
    return MASK if is_secret(path) else masked(value)


def is_secret(path: str) -> bool:
    return bool(masked({path: ""}) == {path: MASK})


def compared(
    before: Mapping[str, Any], after: Mapping[str, Any], dialect: Dialect
) -> list[tuple[str, Any, Any]]:
    """`(path, old, new)` of every attribute in either payload, in the order of their names."""
    old, new = values(before, dialect), values(after, dialect)
    return [
        (path, shown(path, old.get(path)), shown(path, new.get(path)))
        for path in sorted({*old, *new})
    ]


def of_form(
    payload: Mapping[str, Any], given: Mapping[str, str], dialect: Dialect
) -> tuple[Edit, ...]:
    """What differs between a payload and what was typed, by path. Empty takes a value away.

    Secrets are not taken. Raises `ValueError` with a sentence that begins with the path.
    """
    now = values(payload, dialect)
    found = []
    for path, text in given.items():
        before = now.get(path)
        value = _typed(path, text.strip(), before)
        if value != before and not is_secret(path):
            found.append(Edit(path, before, value))
    return tuple(found)


def of_values(
    payload: Mapping[str, Any], given: Mapping[str, Any], dialect: Dialect
) -> tuple[Edit, ...]:
    """What differs between a payload and what a program gives, by path; None takes a value
    away. Raises `ValueError` with a sentence that begins with the path."""
    now = values(payload, dialect)
    found = []
    for path, value in given.items():
        if is_secret(path):
            raise ValueError(f"{path}: is secret, and not edited")
        before = now.get(path)
        if not _may_follow(before, value):
            raise ValueError(f"{path}: must be {_KINDS[_kind(before)]}, or null")
        if value != before:
            found.append(Edit(path, before, value))
    return tuple(found)


_KINDS = {bool: "true or false", int: "a whole number", list: "a list", str: "a text"}


def _kind(value: Any) -> type:
    return next((kind for kind in _KINDS if isinstance(value, kind)), str)


def _may_follow(before: Any, value: Any) -> bool:
    """Whether it is of the kind that is there now; where nothing is, of any simple kind."""
    if value is None:
        return True
    if not isinstance(value, (bool, int, str, list)):
        return False
    if isinstance(value, list) and not all(isinstance(one, (str, int)) for one in value):
        return False
    return before is None or _kind(before) is _kind(value)


def text_of(value: Any) -> str:
    """A value as a form shows it: one of a list on each line."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _typed(path: str, text: str, before: Any) -> Any:
    """The text as the kind of value that is there now."""
    if not text:
        return None
    if isinstance(before, bool):
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{path}: must be true or false")
        return text.lower() == "true"
    if isinstance(before, int):
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"{path}: must be a whole number") from None
    if isinstance(before, list):
        return [line.strip() for line in text.splitlines() if line.strip()]
    return text
