"""What the rows of a claim mapping would make of a real person, without sending anything."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from idp import expressions
from idp.claim_places import At
from idp.claim_table import TABLE
from idp.models import ClaimDialect, ClaimMapping, IdentityProvider
from provisioning import mapping
from provisioning.mapping import Mapped, Unmappable
from provisioning.subjects import Subject

MASK = "•••••"


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One row. `inputs` are the claims it reads, by URI, None for those without a value."""

    row: ClaimMapping
    inputs: Sequence[tuple[str, Any]]
    value: Any
    problem: str

    @property
    def has_value(self) -> bool:
        return self.value is not None


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """What one connector would be given, as JSON; or why nothing."""

    connector: str
    text: str = ""
    problem: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Trial:
    lines: Sequence[Line]
    sent: Sequence[Sent]
    groups: Sequence[str]


def run(
    subject: Subject, provider: IdentityProvider, rows: Sequence[tuple[ClaimMapping, str]]
) -> Trial:
    """Try rows on a person; each comes with what is known to be wrong with it, or "".

    Secret claims are masked before anything is made of them. `provider` may be one that is
    being edited: its columns and `remote_roles` count as they are.
    """
    person = without_secrets(subject)
    known = mapping.claims_of(person)
    usable = [row for row, problem in rows if not problem]
    made = iter(mapping.mapped(person, provider, usable))
    found = [Mapped(row, problem=problem) if problem else next(made) for row, problem in rows]
    lines = [Line(one.row, _inputs(one, known), one.value, one.problem) for one in found]
    return Trial(lines, _sent(person, provider, found), sorted(person.groups))


def without_secrets(subject: Subject) -> Subject:
    """The same person, with a mask in the place of every secret."""
    document = deepcopy(dict(subject.document))
    for entry in TABLE:
        if entry.secret and isinstance(entry.place, At):
            holder: Any = document
            for name in entry.place.path[:-1]:
                holder = holder.get(name) if isinstance(holder, dict) else None
            if isinstance(holder, dict) and entry.place.path[-1] in holder:
                holder[entry.place.path[-1]] = MASK
    return dataclasses.replace(subject, document=document)


def _inputs(one: Mapped, known: Mapping[str, Any]) -> list[tuple[str, Any]]:
    row = one.row
    if row.expression and not row.constant:
        try:
            uris = sorted(expressions.compile(row.expression).claims)
        except expressions.ExpressionRefused:
            return []
    else:
        uris = [row.local] if row.local and not row.constant else []
    return [(uri, known.get(uri)) for uri in uris]


def _sent(person: Subject, provider: IdentityProvider, found: Sequence[Mapped]) -> list[Sent]:
    told = []
    for connector in provider.connectors.filter(retired_at=None).order_by("type"):
        connector.provider = provider
        try:
            if provider.claim_dialect == ClaimDialect.CUSTOM:
                dialect = mapping.dialect_of(connector)
                attributes, create_only = mapping.assembled(found, dialect)
            else:
                attributes, create_only = mapping.attributes_for(person, connector)
        except Unmappable as error:
            told.append(Sent(connector.type, problem=str(error)))
            continue
        shown = {"attributes": attributes, "create_only": create_only}
        text = json.dumps(
            {key: value for key, value in shown.items() if value},
            indent=2,
            ensure_ascii=False,
            sort_keys=True,
        )
        told.append(Sent(connector.type, text))
    return told
