"""What follows from the fields a connector declares: what applies, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import re2

from connectors.types import ConfigField

Fields = Sequence[ConfigField]


def is_shown(field: ConfigField, fields: Fields, values: Mapping[str, Any]) -> bool:
    """Whether the field applies, by what the others hold (their default where nothing is
    said). One that depends on a hidden field is hidden as well."""
    known = {other.name: other for other in fields}
    seen: set[str] = set()
    while field.shown_when is not None and field.name not in seen:
        seen.add(field.name)
        other = known[field.shown_when.field]
        if values.get(other.name, other.default) not in field.shown_when.values:
            return False
        field = other
    return True


def missing(fields: Fields, values: Mapping[str, Any]) -> list[ConfigField]:
    """The required fields that apply and hold nothing."""
    return [
        field
        for field in fields
        if field.required
        and values.get(field.name) in (None, "", [])
        and is_shown(field, fields, values)
    ]


def fits(field: ConfigField, text: str) -> bool:
    """Whether a text is of the form the field declares (`matches`)."""
    return not field.matches or bool(_compiled(field.matches).fullmatch(text))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def problems(fields: Fields) -> list[str]:
    """What is wrong with a declaration itself, in words for whoever wrote it."""
    names = [field.name for field in fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    found = [f"{name} is declared twice" for name in twice]
    for field in fields:
        found += [f"{field.name}: {problem}" for problem in _problems(field, fields)]
    return found


def _problems(field: ConfigField, fields: Fields) -> Iterator[str]:
    if not (field.name.isidentifier() and field.name.islower()):
        yield "a name is a word in lower case, as in a configuration file"
    if (field.kind == "choice") is not bool(field.choices):
        yield "a choice has choices, and nothing else has"
    keys = [key for key, _ in field.choices]
    if field.kind == "choice" and field.default not in ("", *keys):
        yield f"the default {field.default!r} is none of its choices"
    if field.kind == "list" and field.secret:
        yield "a list is no secret"
    if field.kind == "boolean" and field.required:
        yield "a box that has to be ticked is no choice"
    try:
        _compiled(field.matches)
    except re2.error:
        yield f"{field.matches!r} is no regular expression of RE2"
    yield from _problems_of_when(field, fields)


def _problems_of_when(field: ConfigField, fields: Fields) -> Iterator[str]:
    known = {other.name: other for other in fields}
    passed, when = {field.name}, field.shown_when
    while when is not None:
        other = known.get(when.field)
        if other is None:
            yield f"it is shown by {when.field!r}, which is no field"
            return
        if other.name in passed:
            yield "it is shown by itself"
            return
        keys = [key for key, _ in other.choices]
        if strange := [v for v in when.values if other.kind == "choice" and v not in keys]:
            yield f"it is shown by {strange[0]!r}, which is no choice of {other.name}"
        passed.add(other.name)
        when = other.shown_when
