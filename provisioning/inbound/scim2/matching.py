"""The entities that a filter selects, in order: by SQL where it is exact, else by looking.

Looking streams rows in the order of their ids and keeps only what a page needs.
"""

from __future__ import annotations

import heapq
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Concat

from idp import tallies
from idp.models import INTERNAL, PRIMARY, Group, Tenant, User, key_of
from provisioning.inbound.scim2.endpoint import Endpoint
from provisioning.inbound.scim2.filters import Term, attributes_in
from provisioning.inbound.scim2.narrowing import Lookups
from provisioning.inbound.scim2.places import Place
from provisioning.inbound.scim2.projection import ALL, Projection
from provisioning.inbound.scim2.rendering import Site
from provisioning.inbound.scim2.values import Json
from provisioning.readers import StoreReader

CHUNK = 500
_ANYWHERE = Site("")
_COLUMNS = {"id": "id", "meta.created": "created", "meta.lastModified": "modified"}
_NAMES = {
    "users": {"userName": "username_key"},
    "groups": {"displayName": "name_key"},
}


@dataclass(slots=True)
class Page:
    entities: list[Any] = field(default_factory=list)
    total: int = 0
    more: bool = False


class Selection:
    """What a filter selects of one resource type in one tenant."""

    def __init__(
        self, endpoint: Endpoint[Any], tenant: Tenant, term: Term | None, site: Site = _ANYWHERE
    ) -> None:
        self.endpoint = endpoint
        self.tenant = tenant
        self.term = term
        self.site = site
        self.reader = StoreReader(tenant)
        self.lookups: Lookups = endpoint.lookups(tenant)
        self.rows: QuerySet[Any] = endpoint.rows(tenant)
        self.is_exact = True
        if term is not None:
            narrowed = self.lookups.narrow(term)
            self.rows, self.is_exact = self.rows.filter(narrowed.q), narrowed.exact

    def total(self) -> int:
        if self.term is None:
            return tallies.total(self.tenant, self.endpoint.tally)
        if self.is_exact:
            return self.rows.order_by().count()
        return sum(1 for _ in self.matches(self.rows))

    def after(self, entity_id: str, count: int) -> Page:
        """The next entities by id; the total is left out."""
        rows = self.rows.order_by("id")
        if entity_id:
            rows = rows.filter(pk__gt=uuid.UUID(entity_id))
        found = rows[: count + 1] if self.is_exact else islice(self.matches(rows), count + 1)
        entities = list(found)
        return Page(entities[:count], more=len(entities) > count)

    def window(self, offset: int, count: int) -> Page:
        """The entities at these positions by id, and how many there are."""
        if self.is_exact:
            total = self.total()
            rows = self.rows.order_by("id")[offset : offset + count] if count else ()
            return Page(list(rows), total)
        page = Page()
        for entity in self.matches(self.rows):
            if offset <= page.total < offset + count:
                page.entities.append(entity)
            page.total += 1
        return page

    def sorted_window(self, place: Place, descending: bool, offset: int, count: int) -> Page:
        ordered = self._by_sql(place, descending) if self.is_exact else None
        if ordered is not None:
            return Page(list(ordered[offset : offset + count]), self.total())
        return self._by_looking(place, descending, offset, count)

    def matches(self, rows: QuerySet[Any]) -> Iterator[Any]:
        """The rows the filter selects, in the order of their ids."""
        for entity, resource in self._rendered(rows, self._needed()):
            if self.term is None or self.term.matches(resource):
                yield entity

    def _rendered(self, rows: QuerySet[Any], needed: Projection) -> Iterator[tuple[Any, Json]]:
        for batch in _batches(rows.order_by("id").iterator(chunk_size=CHUNK)):
            resources = self.endpoint.render(batch, self.site, needed, self.reader)
            yield from zip(batch, resources, strict=True)

    def _needed(self, also: str = "") -> Projection:
        """Groups and members are read only if the filter or the order looks at them."""
        looked_at = {also}
        if self.term is not None:
            looked_at |= {attribute.name for attribute in attributes_in(self.term)}
        spare = tuple(sorted({"groups", "members"} - looked_at))
        return Projection(without=spare) if spare else ALL

    def _by_sql(self, place: Place, descending: bool) -> QuerySet[Any] | None:
        column = _COLUMNS.get(place.key)
        rows = self.rows
        if column is None:
            name = _NAMES[self.endpoint.tally].get(place.key)
            if name is None:
                return None
            rows, column = self._with_name(name)
        sign = "-" if descending else ""
        return rows.order_by(f"{sign}{column}", f"{sign}id")

    def _with_name(self, column: str) -> tuple[QuerySet[Any], str]:
        """Full names in order; with one store the column's index is in that order already."""
        people = self.endpoint.tally == "users"
        prefixed = {
            domain: store
            for domain, store in self.lookups.stores.items()
            if domain != PRIMARY and not (people and domain == INTERNAL)
        }
        if not prefixed:
            return self.rows, column
        whens = [
            When(store_id=store, then=Value(key_of(f"{domain}/")))
            for domain, store in prefixed.items()
        ]
        prefix = Case(*whens, default=Value(""), output_field=CharField())
        name = Concat(prefix, F(column), output_field=CharField())
        return self.rows.annotate(full_key=name), "full_key"

    def _by_looking(self, place: Place, descending: bool, offset: int, count: int) -> Page:
        total = 0

        def keys() -> Iterator[tuple[Any, ...]]:
            nonlocal total
            needed = self._needed(also=place.attribute.name)
            for entity, resource in self._rendered(self.rows, needed):
                if self.term is None or self.term.matches(resource):
                    total += 1
                    yield (*sort_key(place, resource), entity.pk)

        choose = heapq.nlargest if descending else heapq.nsmallest
        chosen = choose(offset + count, keys())[offset:]
        found = self.endpoint.rows(self.tenant).in_bulk([key[-1] for key in chosen])
        return Page([found[key[-1]] for key in chosen if key[-1] in found], total)


def sort_key(place: Place, resource: Json) -> tuple[bool, Any]:
    """Values in order, those without one last (RFC 7644 §3.4.2.3).

    Of several values the primary one counts, else the first.
    """
    value = place.container(resource).get(place.attribute.name)
    if isinstance(value, list):
        first = value[0] if value else None
        value = next((v for v in value if isinstance(v, dict) and v.get("primary")), first)
    if isinstance(value, dict):
        value = value.get(place.sub.name if place.sub else "value")
    if value is None or isinstance(value, dict | list):
        return (True, "")
    if isinstance(value, str) and not place.target.case_exact:
        value = value.casefold()
    return (False, value)


def _batches(rows: Iterable[User | Group]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, CHUNK)):
        yield batch
