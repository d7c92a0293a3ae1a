"""What a value of a configuration file must be like. A schema is built of these.

`clean(value, path, problems)` answers the value to use and adds a sentence that begins
with the path for everything wrong with it; the answer counts only while there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.loading import Given, parse

Problems = list[str]


class Node(Protocol):
    def clean(self, value: Any, path: str, problems: Problems) -> Any: ...


@dataclass(frozen=True, slots=True)
class Text:
    blank: bool = True

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        if not isinstance(value, str):
            hint = "put it in quotes" if isinstance(value, int | float) else kind_of(value)
            problems.append(f"{path}: must be a text ({hint})")
        elif not value and not self.blank:
            problems.append(f"{path}: must not be empty")
        elif "\x00" in value:
            problems.append(f"{path}: must not hold a NUL character")
        return str(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Flag:
    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        value = literal(value, path, problems)
        if not isinstance(value, bool):
            problems.append(f"{path}: must be true or false")
        return value


@dataclass(frozen=True, slots=True)
class Number:
    whole: bool = True
    least: int = 0

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        value = literal(value, path, problems)
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            problems.append(f"{path}: must be a {'whole ' if self.whole else ''}number")
        elif not self.least <= value <= 2**31 - 1:
            problems.append(f"{path}: must be at least {self.least} and below 2147483648")
        return value


@dataclass(frozen=True, slots=True)
class OneOf:
    choices: Sequence[str]

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        if value not in self.choices:
            known = ", ".join(choice for choice in self.choices if choice)
            problems.append(f"{path}: must be one of {known}")
        return str(value)


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Node

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        value = literal(value, path, problems)
        if not isinstance(value, list):
            problems.append(f"{path}: must be a list")
            return []
        return [
            self.item.clean(item, f"{path}[{index}]", problems)
            for index, item in enumerate(value)
        ]


@dataclass(frozen=True, slots=True)
class Object:
    """Known keys only; a key without a value counts as absent."""

    fields: Mapping[str, Node]
    required: frozenset[str] = frozenset()

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.append(f"{path or 'the file'}: must have keys and values")
            return {}
        prefix = f"{path}." if path else ""
        cleaned = {}
        for key, given in value.items():
            node = self.fields.get(key)
            if node is None:
                told = unknown("key", str(key), self.fields)
                problems.append(f"{prefix}{on_one_line(key)}: {told}")
            elif given is not None:
                cleaned[key] = node.clean(given, f"{prefix}{key}", problems)
        problems += [
            f"{prefix}{key}: is missing" for key in sorted(self.required - cleaned.keys())
        ]
        return cleaned


@dataclass(frozen=True, slots=True)
class Table:
    """A list of objects, each found by its `key`, which no two may share."""

    entry: Node
    key: str

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        entries = ListOf(self.entry).clean(value, path, problems)
        seen: set[str] = set()
        for index, entry in enumerate(entries):
            name = str(entry.get(self.key, ""))
            if name and name.casefold() in seen:
                problems.append(f"{path}[{index}].{self.key}: “{name}” is given twice")
            seen.add(name.casefold())
        return entries


@dataclass(frozen=True, slots=True)
class Only:
    """Other values than these belong to a feature that is not there yet."""

    node: Node
    allowed: Sequence[Any]
    feature: str

    def clean(self, value: Any, path: str, problems: Problems) -> Any:
        before = len(problems)
        cleaned = self.node.clean(value, path, problems)
        if len(problems) == before and cleaned not in self.allowed:
            problems.append(f"{path}: {self.feature} is not available in this version")
        return cleaned


def literal(value: Any, path: str, problems: Problems) -> Any:
    """A value from the environment or a file, where something else than a text is due."""
    if not isinstance(value, Given):
        return value
    try:
        return parse(str(value))
    except ConfigurationError as error:
        problems.append(f"{path}: {error}")
        return None


def on_one_line(key: object) -> str:
    """
    >>> on_one_line("a\\nb")
    'a\\\\nb'
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(key))


def unknown(what: str, name: str, known: Sequence[str] | Mapping[str, Any]) -> str:
    """
    >>> unknown("setting", "usernam", ["username", "password"])
    'unknown setting; did you mean username?'
    """
    near = get_close_matches(name, list(known), n=1)
    return f"unknown {what}" + (f"; did you mean {near[0]}?" if near else "")


def kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "put it in quotes"
    names: dict[type, str] = {list: "not a list", dict: "not keys and values"}
    return names.get(type(value), "put it in quotes")
