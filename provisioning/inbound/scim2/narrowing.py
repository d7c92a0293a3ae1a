"""Filters as SQL conditions, as far as SQL can tell.

A condition is *exact* when it selects just what the filter does. Otherwise it selects at
least that, and the rows are matched in Python. An attribute without a look-up here narrows
nothing.
"""

from __future__ import annotations

import operator
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.db.models import Q

from idp import queries
from idp.models import SearchValue, Tenant
from idp.queries import NOTHING, Stores
from idp.search_values import indexed_paths
from provisioning.inbound.scim2.filters import (
    Compare,
    Conjunction,
    Disjunction,
    Negation,
    Never,
    Present,
    Selection,
    Term,
)
from provisioning.inbound.scim2.places import Place


@dataclass(frozen=True, slots=True)
class Narrowed:
    q: Q
    exact: bool


Lookup = Callable[[str, Any], Narrowed | None]
UNKNOWN = Narrowed(Q(), exact=False)
NONE = Narrowed(NOTHING, exact=True)
# An empty Q() would vanish from a disjunction and survive a negation.
EVERYTHING = Narrowed(~NOTHING, exact=True)


class Lookups:
    """The look-ups of a resource type in a tenant, by attribute path."""

    def __init__(self, tenant: Tenant, name_path: str, name_field: str) -> None:
        self.tenant = tenant
        self._stores: Stores | None = None
        self._by_path: dict[str, Lookup] = {
            "id": _identity,
            "externalId": _external_id,
            "meta.created": _moment("created"),
            "meta.lastModified": _moment("modified"),
            name_path: self._name(name_field),
        }

    @property
    def stores(self) -> Stores:
        if self._stores is None:
            self._stores = queries.stores_of(self.tenant)
        return self._stores

    def add(self, lookups: Mapping[str, Lookup]) -> None:
        self._by_path |= lookups

    def narrow(self, term: Term) -> Narrowed:
        if isinstance(term, Conjunction):
            return _combined([self.narrow(t) for t in term.terms], operator.and_)
        if isinstance(term, Disjunction):
            return self._union([self.narrow(t) for t in term.terms])
        if isinstance(term, Negation):
            inner = self.narrow(term.term)
            return Narrowed(~inner.q, exact=True) if inner.exact else UNKNOWN
        if isinstance(term, Never):
            return NONE
        return self._leaf(term)

    def _union(self, parts: list[Narrowed]) -> Narrowed:
        """A part that narrows nothing leaves nothing to narrow."""
        if any(not part.exact and not part.q for part in parts):
            return UNKNOWN
        return _combined(parts, operator.or_)

    def _leaf(self, term: Compare | Present | Selection) -> Narrowed:
        if isinstance(term, Selection):
            return self._selection(term)
        lookup = self._by_path.get(term.place.key)
        if lookup is None:
            return UNKNOWN
        if isinstance(term, Present):
            return lookup("pr", None) or UNKNOWN
        if term.op == "ne":
            equal = lookup("eq", term.value)
            return Narrowed(~equal.q, exact=True) if equal and equal.exact else UNKNOWN
        return lookup(term.op, term.value) or UNKNOWN

    def _selection(self, term: Selection) -> Narrowed:
        """`emails[value eq "x" and …]`: its comparisons, each as if it stood outside."""
        inner = term.term.terms if isinstance(term.term, Conjunction) else (term.term,)
        parts = [
            self._leaf(Compare(_outside(term.place, part.place), part.op, part.value))
            for part in inner
            if isinstance(part, Compare) and part.op != "ne"
        ]
        if not parts:
            return UNKNOWN
        together = _combined(parts, operator.and_)
        return Narrowed(together.q, together.exact and len(inner) == 1)

    def _name(self, field: str) -> Lookup:
        def lookup(op: str, value: Any) -> Narrowed | None:
            if op == "pr":
                return EVERYTHING
            if "\0" in value:
                return NONE
            find = _NAMES.get(op)
            return Narrowed(find(self.stores, value, field), exact=True) if find else None

        return lookup


_NAMES = {
    "eq": queries.named,
    "sw": queries.name_starts,
    "ew": queries.name_ends,
    "co": queries.name_contains,
}


def user_lookups(tenant: Tenant) -> Lookups:
    lookups = Lookups(tenant, "userName", "username_key")
    lookups.add({"active": _active, "groups.value": _related(queries.in_group)})
    lookups.add({path: _searchable(tenant, path) for path in indexed_paths(tenant)})
    return lookups


def group_lookups(tenant: Tenant) -> Lookups:
    lookups = Lookups(tenant, "displayName", "name_key")
    lookups.add({"members.value": _related(queries.has_member)})
    return lookups


def _outside(place: Place, inner: Place) -> Place:
    return Place(place.attribute, inner.attribute, place.urn)


def _combined(parts: list[Narrowed], combine: Callable[[Q, Q], Q]) -> Narrowed:
    together = reduce(combine, (part.q for part in parts))
    return Narrowed(together, all(part.exact for part in parts))


def _identity(op: str, value: Any) -> Narrowed | None:
    if op == "pr":
        return EVERYTHING
    if op != "eq":
        return None
    key = uuid_of(value)
    return Narrowed(Q(pk=key) if key else NOTHING, exact=True)


def _external_id(op: str, value: Any) -> Narrowed | None:
    if op == "pr":
        return Narrowed(~Q(external_id=""), exact=True)
    if op != "eq":
        return None
    if "\0" in value:
        return NONE
    return Narrowed(queries.with_external_id(value), exact=True)


def _active(op: str, value: Any) -> Narrowed | None:
    return EVERYTHING if op == "pr" else Narrowed(Q(active=value), exact=True)


_RANGES = {"eq": "exact", "gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}


def _moment(field: str) -> Lookup:
    def lookup(op: str, value: Any) -> Narrowed | None:
        if op == "pr":
            return EVERYTHING
        comparison = _RANGES.get(op)
        return Narrowed(Q(**{f"{field}__{comparison}": value}), True) if comparison else None

    return lookup


def _related(find: Callable[[uuid.UUID], Q]) -> Lookup:
    def lookup(op: str, value: Any) -> Narrowed | None:
        if op != "eq":
            return None
        key = uuid_of(value.casefold())
        return Narrowed(find(key) if key else NOTHING, exact=True)

    return lookup


def _searchable(tenant: Tenant, path: str) -> Lookup:
    def lookup(op: str, value: Any) -> Narrowed | None:
        if op == "pr":
            return Narrowed(queries.searchable_present(tenant, path), exact=False)
        value = _searched(value)
        if value is None or "\0" in value:
            return None if value is None else NONE
        fits = len(value) < SearchValue.LENGTH
        if op == "eq":
            return Narrowed(queries.searchable(tenant, path, value), exact=fits)
        if op == "sw":
            return Narrowed(queries.searchable_starts(tenant, path, value), exact=fits)
        if op == "co":
            return Narrowed(queries.searchable_contains(tenant, path, value), exact=False)
        return None

    return lookup


def _searched(value: Any) -> str | None:
    """The value as search rows hold it; numbers with fractions and moments have none."""
    if isinstance(value, bool | int):
        return str(value).lower()
    return value if isinstance(value, str) else None


def uuid_of(text: str) -> uuid.UUID | None:
    """The id, if the text is one written as we write them."""
    try:
        key = uuid.UUID(text)
    except ValueError:
        return None
    return key if str(key) == text else None
