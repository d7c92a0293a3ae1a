"""The values that pass between the engine and a connector. All frozen, none with behaviour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal


class EntityType(StrEnum):
    USER = "user"
    GROUP = "group"


class Dialect(StrEnum):
    """The shape of `Entity.attributes` that a connector asks for."""

    SCIM = "scim"
    """A SCIM 2.0 document without `id`, `meta`, `schemas`, `groups` and `members`
    (RFC 7643): nested, extensions under their urn."""

    SCIM1 = "scim1"
    """A SCIM 1.1 document (Core Schema 1.1), likewise."""

    FLAT = "flat"
    """`{remote attribute name: value}` as the identity provider's claim mapping gives it."""


Kind = Literal[
    "text",
    "textarea",
    "list",
    "boolean",
    "choice",
    "number",
    "url",
    "pattern",
    "claim",
    "file",
]
"""What a setting holds, and so how the form asks for it and what the connector is given:

| kind | the form | the connector gets |
|---|---|---|
| text | one line | `str`, without blanks around it unless it is secret |
| textarea | several lines | `str`, likewise |
| list | several lines, an entry in each | `list[str]`, without blanks and doubles |
| boolean | a box | `bool` |
| choice | a list of `choices` | the key of one, or `""` where it is not required |
| number | one line | `int` when written without a fraction, else `float`; `""` for none |
| url | one line | `str`: http or https, with a host, without credentials |
| pattern | one line, and what somebody would be called | `str` that `Pattern.parse` takes |
| claim | a list of the claims there are | `str`: the attribute's name as `FLAT` has it |
| file | a file to choose, or its text | `str`: a text file as it is, any other in base64 |
"""


@dataclass(frozen=True, slots=True)
class When:
    """Another setting, and the values of it with which something applies."""

    field: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ConfigField:
    """One setting of a connector, declared once: form, storage, API and logs follow it."""

    name: str
    label: str
    help: str = ""
    kind: Kind = "text"
    required: bool = False
    """Must not be empty, unless `shown_when` hides it."""
    secret: bool = False
    """Sealed where it is stored, never shown again, hidden from recordings."""
    default: Any = ""
    choices: tuple[tuple[str, str], ...] = ()
    """Keys with what the form calls them."""
    identity: bool = False
    """Says *which* system the target is: a new value makes every remote id unconfirmed."""
    advanced: bool = False
    """Folded away in the form."""
    matches: str = ""
    """A regular expression (RE2) for the whole of a text, unless it is empty."""
    shown_when: When | None = None
    """Hidden unless the other setting has one of the values. What is hidden keeps its value,
    and need not have one."""
    largest: int = 64 * 1024
    """Of a file: how many bytes it may have."""


@dataclass(frozen=True, slots=True)
class PresetRow:
    """A row that a connector proposes for the claim mapping of its identity provider."""

    remote: str
    local: str = ""
    constant: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class KnownCause:
    """A failure whose reason matches `pattern` (a regular expression, in any case), and what
    an operator should do about it, in plain words."""

    pattern: str
    advice: str


@dataclass(frozen=True, slots=True)
class LocalName:
    """What an entity is called here, and where: what a name at the target is made of.

    `full` as it is written (`kim` in the store PRIMARY, `STAFF/kim` in STAFF).

    >>> LocalName("STAFF/kim", store="STAFF").bare, LocalName("a/b").bare
    ('kim', 'a/b')
    """

    full: str
    store: str = "PRIMARY"
    tenant_domain: str = "carbon.super"
    identity_provider: str = ""

    @property
    def bare(self) -> str:
        return self.full.removeprefix(f"{self.store}/")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a group that exists at the target under `remote_id`."""

    remote_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Entity:
    """The whole state that one user or group shall have at the target.

    `accepted` is what the target last accepted (same shape as `attributes`), or None
    when nothing is known: the connector then sends everything. `unconfirmed` is what we
    may have put there without knowing (before and by requests that were never answered):
    with `accepted` None, what it names and `attributes` does not is to be removed.
    `remote_name` is the name wanted; `accepted_name` the one the target knows the entity by.
    `password` is in clear, and present only when it must be set.
    """

    type: EntityType
    local_id: str
    remote_name: str
    remote_id: str = ""
    external_id: str = ""
    active: bool = True
    attributes: Mapping[str, Any] = field(default_factory=dict)
    accepted: Mapping[str, Any] | None = None
    accepted_name: str = ""
    unconfirmed: Mapping[str, Any] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class MemberChanges:
    """What shall change in a group's membership; `everyone` is the whole wanted membership.

    `everyone` is None until a connector that can only replace whole groups has raised
    `NeedsAllMembers`: loading it costs as much as the group is large.
    """

    add: Sequence[Member] = ()
    remove: Sequence[Member] = ()
    everyone: Sequence[Member] | None = None

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The target took it. `accepted` is what it is now believed to hold, without secrets."""

    remote_id: str
    remote_name: str
    accepted: Mapping[str, Any]
    password_set: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """An object at the target that a look-up returned, already checked against the question."""

    remote_id: str
    remote_name: str
    external_id: str = ""
    active: bool = True
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a connection test, in words for an operator."""

    ok: bool
    what: str
