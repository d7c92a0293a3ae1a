"""Where a claim lives in a user: small values that read and write one place each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CUSTOM = "urn:purveyor:custom:User"
_TRIMMINGS = {"type", "primary", "display"}

Value = str | list[str]


class InvalidClaim(ValueError):
    """The value cannot be written to this claim; the message is a sentence naming it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A user as claims see them: the canonical document and what has columns of its own.

    `username` is the full name (`kim`, `STAFF/kim`) and `document` is shaped as in
    `idp.models.User`. The last five can be read through claims and never written.
    """

    username: str = ""
    external_id: str = ""
    active: bool = True
    document: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    created: str = ""
    modified: str = ""
    location: str = ""
    groups: Sequence[str] = ()


class Place(Protocol):
    """`write` may change `profile.document` in place: the caller owns a copy of it."""

    @property
    def multivalued(self) -> bool: ...

    def read(self, profile: Profile) -> Value | None: ...

    def write(self, profile: Profile, value: Value | None) -> Profile: ...


@dataclass(frozen=True, slots=True)
class Column:
    """`userName` and `externalId`."""

    name: Literal["username", "external_id"]
    multivalued: bool = False

    def read(self, profile: Profile) -> Value | None:
        return getattr(profile, self.name) or None

    def write(self, profile: Profile, value: Value | None) -> Profile:
        if self.name == "username" and not value:
            raise InvalidClaim("a user cannot be without a name")
        text = str(value or "")
        if self.name == "username":
            return replace(profile, username=text)
        return replace(profile, external_id=text)


@dataclass(frozen=True, slots=True)
class Activity:
    """`active`, or with `negated` the same fact told as "account disabled"."""

    negated: bool = False
    multivalued: bool = False

    def read(self, profile: Profile) -> Value | None:
        return "true" if profile.active is not self.negated else "false"

    def write(self, profile: Profile, value: Value | None) -> Profile:
        word = str(value or ("false" if self.negated else "true")).lower()
        if word not in {"true", "false"}:
            raise InvalidClaim(f"must be true or false, not {value!r}")
        return replace(profile, active=(word == "true") is not self.negated)


@dataclass(frozen=True, slots=True)
class Told:
    """What the server tells and nobody writes."""

    name: Literal["id", "created", "modified", "location", "groups", "roles", "type"]

    @property
    def multivalued(self) -> bool:
        return self.name in {"groups", "roles"}

    def read(self, profile: Profile) -> Value | None:
        if self.name == "type":
            return "User"
        if self.name == "roles":
            return list(profile.groups) or None
        if self.name == "groups":
            return [g for g in profile.groups if not g.startswith("Internal/")] or None
        return getattr(profile, self.name) or None

    def write(self, profile: Profile, value: Value | None) -> Profile:
        raise InvalidClaim("is read-only")


@dataclass(frozen=True, slots=True)
class At:
    """A simple attribute, by the names that lead to it: `At(("name", "givenName"))`.

    `type` is the one its schema declares; claims tell it as text.
    """

    path: tuple[str, ...]
    multivalued: bool = False
    type: str = "string"

    def read(self, profile: Profile) -> Value | None:
        node: Any = profile.document
        for name in self.path:
            if not isinstance(node, Mapping):
                return None
            node = node.get(name)
        value = as_value(node)
        return [value] if self.multivalued and isinstance(value, str) else value

    def write(self, profile: Profile, value: Value | None) -> Profile:
        typed: Any = value
        if value and self.type != "string":
            parse = _PARSERS[self.type]
            typed = [parse(v) for v in value] if isinstance(value, list) else parse(value)
        _set(_writable(profile), self.path, typed)
        return profile


@dataclass(frozen=True, slots=True)
class Leading:
    """The primary entry of a multi-valued attribute, else the first: `emailaddress`."""

    attribute: str
    sub: str = "value"
    multivalued: bool = False

    def read(self, profile: Profile) -> Value | None:
        entry = _leading(_entries(profile, self.attribute))
        return None if entry is None else as_value(entry.get(self.sub))

    def write(self, profile: Profile, value: Value | None) -> Profile:
        entries = _entries(profile, self.attribute)
        entry = _leading(entries)
        if entry is None:
            entries = [{self.sub: value, "primary": True}] if value else []
        elif value:
            entry[self.sub] = value
        else:
            entry.pop(self.sub, None)
        return _store(profile, self.attribute, entries)

    def put_first(self, profile: Profile, value: Value) -> Profile:
        """A new primary entry before the others, which stay as they are."""
        others = _entries(profile, self.attribute)
        for entry in others:
            entry.pop("primary", None)
        return _store(profile, self.attribute, [{self.sub: value, "primary": True}, *others])


@dataclass(frozen=True, slots=True)
class Typed:
    """The entry of one type in a multi-valued attribute: `emails.work`."""

    attribute: str
    type: str
    multivalued: bool = False

    def read(self, profile: Profile) -> Value | None:
        for entry in self._of_type(_entries(profile, self.attribute)):
            return as_value(entry.get("value"))
        return None

    def write(self, profile: Profile, value: Value | None) -> Profile:
        entries = _entries(profile, self.attribute)
        mine = self._of_type(entries)
        if not value:
            for entry in mine:
                entry.pop("value", None)
        elif mine:
            mine[0]["value"] = value
        else:
            entries = [*entries, {"value": value, "type": self.type}]
        return _store(profile, self.attribute, entries)

    def _of_type(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [e for e in entries if str(e.get("type", "")).lower() == self.type]


@dataclass(frozen=True, slots=True)
class Every:
    """The values of all entries of a multi-valued attribute; an entry kept keeps its type."""

    attribute: str
    multivalued: bool = True

    def read(self, profile: Profile) -> Value | None:
        values = [e["value"] for e in _entries(profile, self.attribute) if e.get("value")]
        return as_value(values)

    def write(self, profile: Profile, value: Value | None) -> Profile:
        wanted = [value] if isinstance(value, str) else list(value or ())
        old = _entries(profile, self.attribute)
        entries = []
        for text in wanted:
            kept = next((e for e in old if e.get("value") == text), None)
            if kept is not None:
                old.remove(kept)
            entries.append(kept or {"value": text})
        return _store(profile, self.attribute, entries)


def as_value(node: Any) -> Value | None:
    """A JSON value as a claim value; None for what is empty or has parts of its own."""
    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, int | float):
        return str(node)
    if isinstance(node, list):
        texts = [text for text in map(as_value, node) if isinstance(text, str)]
        return texts or None
    return node if isinstance(node, str) and node else None


def _parse_boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise InvalidClaim(f"must be true or false, not {text!r}")
    return text.lower() == "true"


def _parse_integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip(), re.ASCII):
        raise InvalidClaim(f"must be a whole number, not {text[:80]!r}")
    return int(text)


def _parse_decimal(text: str) -> float:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", text.strip(), re.ASCII):
        raise InvalidClaim(f"must be a number, not {text[:80]!r}")
    return float(text)


def _parse_moment(text: str) -> str:
    wrong = InvalidClaim(f"must be like 2026-01-31T08:00:00Z, not {text[:80]!r}")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise wrong from error
    if moment.tzinfo is None:
        raise wrong
    return text


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "boolean": _parse_boolean,
    "integer": _parse_integer,
    "decimal": _parse_decimal,
    "dateTime": _parse_moment,
}


def _writable(profile: Profile) -> dict[str, Any]:
    document = profile.document
    if not isinstance(document, dict):
        raise TypeError("a place is written only through idp.claims")
    return document


def _set(node: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    name, rest = path[0], path[1:]
    if not rest:
        if value not in (None, "", []):
            node[name] = value
        else:
            node.pop(name, None)
        return
    child = node.get(name)
    if not isinstance(child, dict):
        if value in (None, "", []):
            return
        child = {}
    _set(child, rest, value)
    if child:
        node[name] = child
    else:
        node.pop(name, None)


def _entries(profile: Profile, attribute: str) -> list[dict[str, Any]]:
    found = profile.document.get(attribute)
    return [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []


def _leading(entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((e for e in entries if e.get("primary")), entries[0] if entries else None)


def _store(profile: Profile, attribute: str, entries: list[dict[str, Any]]) -> Profile:
    kept = [entry for entry in entries if entry.keys() - _TRIMMINGS]
    _set(_writable(profile), (attribute,), kept)
    return profile
