"""Lists of people who are sent onward and not stored: found by id, name or external id.

What else there is about them is sealed, so no other filter can be answered, and nothing can
be sorted. Without a filter everybody is listed, by id: connection tests of clients do that.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import EntityType
from provisioning.inbound.scim2.endpoint import Endpoint
from provisioning.inbound.scim2.errors import invalid_filter, invalid_value
from provisioning.inbound.scim2.filters import Compare, Conjunction, Never, Term
from provisioning.inbound.scim2.matching import Page
from provisioning.inbound.scim2.messages import Call
from provisioning.inbound.scim2.narrowing import uuid_of
from provisioning.inbound.scim2.places import Place
from provisioning.inbound.scim2.projection import ALL
from provisioning.readers import PassingReader

MOST = 1_000
"""Entities of one external id that a filter of several conditions looks at."""

_ANSWERED: Mapping[EntityType, Mapping[str, str]] = {
    EntityType.USER: {"id": "id", "externalId": "external_id", "userName": "name"},
    EntityType.GROUP: {"id": "id", "externalId": "external_id", "displayName": "name"},
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One look-up, and conditions on what it finds. An empty `by` finds everybody."""

    by: str = ""
    value: str = ""
    rest: tuple[Term, ...] = ()
    nothing: bool = False


class PassingSelection:
    """What a filter selects of what one service provider sent onward."""

    def __init__(self, endpoint: Endpoint[Any], call: Call, term: Term | None) -> None:
        self.endpoint = endpoint
        self.call = call
        self.reader = PassingReader(call.caller.service_provider)
        self.wanted = _wanted(endpoint.entity_type, term)

    def total(self) -> int:
        return self.window(0, 0).total

    def after(self, entity_id: str, count: int) -> Page:
        """The next entities by id; the total is left out."""
        after = uuid.UUID(entity_id) if entity_id else None
        if self._looks:
            found = [one for one in self._looked_at() if after is None or one.pk > after]
        else:
            found = [*self._page(count + 1, after=after)]
        return Page(found[:count], more=len(found) > count)

    def window(self, offset: int, count: int) -> Page:
        """The entities at these positions by id, and how many there are."""
        if self._looks:
            found = self._looked_at()
            return Page(found[offset : offset + count], len(found))
        wanted = self.wanted
        total = self.reader.count(self.endpoint.entity_type, wanted.by, wanted.value)
        return Page([*self._page(count, offset=offset)] if count else [], total)

    def sorted_window(self, place: Place, descending: bool, offset: int, count: int) -> Page:
        raise invalid_value("sortBy", "who is sent onward without being stored is not sorted.")

    @property
    def _looks(self) -> bool:
        return self.wanted.nothing or bool(self.wanted.rest)

    def _looked_at(self) -> list[Any]:
        if self.wanted.nothing:
            return []
        found = self._page(MOST)
        resources = self.endpoint.render(found, self.call.site, ALL, self.reader)
        return [
            entity
            for entity, resource in zip(found, resources, strict=True)
            if all(term.matches(resource) for term in self.wanted.rest)
        ]

    def _page(self, count: int, **where: Any) -> Sequence[Any]:
        wanted = self.wanted
        return self.reader.page(
            self.endpoint.entity_type, wanted.by, wanted.value, count=count, **where
        )


def _wanted(kind: EntityType, term: Term | None) -> Wanted:
    """Raises `ScimError` (invalidFilter) for what cannot be answered."""
    if term is None:
        return Wanted()
    if isinstance(term, Never):
        return Wanted(nothing=True)
    terms = term.terms if isinstance(term, Conjunction) else (term,)
    for one in terms:
        if isinstance(one, Compare) and one.op == "eq":
            by = _ANSWERED[kind].get(one.place.key)
            if by is not None:
                rest = tuple(other for other in terms if other is not one)
                impossible = by == "id" and uuid_of(one.value) is None
                return Wanted(by, one.value, rest, nothing=impossible)
    possible = ", ".join(f"{path} eq" for path in _ANSWERED[kind])
    raise invalid_filter(
        "people of this service provider are sent onward and not stored (dumb mode), so "
        f"only these can be asked for: {possible}."
    )
