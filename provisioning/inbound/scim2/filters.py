"""Filters (RFC 7644 §3.4.2.2): bound to a schema, and matched in Python.

The grammar is scim2-models'. Where the RFC leaves it open: `ne` on several values means that
none is equal, and an attribute without value equals nothing but null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from provisioning.inbound.scim2 import places
from provisioning.inbound.scim2.errors import invalid_filter
from provisioning.inbound.scim2.operands import compare, is_present, operand
from provisioning.inbound.scim2.places import Place
from provisioning.inbound.scim2.schema import Attribute, ResourceSchema

if TYPE_CHECKING:
    from scim2_models.path import AttrPath, FilterNode

Matcher = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Compare:
    place: Place
    op: str
    value: Any

    def matches(self, resource: Mapping[str, Any]) -> bool:
        actual = self.place.read(resource)
        if not isinstance(actual, list):
            return compare(self.place.target, actual, self.op, self.value)
        if self.op == "ne":
            return all(compare(self.place.target, a, "ne", self.value) for a in actual)
        return any(compare(self.place.target, a, self.op, self.value) for a in actual)


@dataclass(frozen=True, slots=True)
class Present:
    place: Place

    def matches(self, resource: Mapping[str, Any]) -> bool:
        return is_present(self.place.read(resource))


@dataclass(frozen=True, slots=True)
class Negation:
    term: Term

    def matches(self, resource: Mapping[str, Any]) -> bool:
        return not self.term.matches(resource)


@dataclass(frozen=True, slots=True)
class Conjunction:
    terms: tuple[Term, ...]

    def matches(self, resource: Mapping[str, Any]) -> bool:
        return all(term.matches(resource) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Disjunction:
    terms: tuple[Term, ...]

    def matches(self, resource: Mapping[str, Any]) -> bool:
        return any(term.matches(resource) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Selection:
    """`emails[type eq "work"]`: at least one value satisfies the inner filter."""

    place: Place
    term: Term

    def matches(self, resource: Mapping[str, Any]) -> bool:
        values = self.place.read(resource)
        if isinstance(values, list):
            return any(isinstance(v, dict) and self.term.matches(v) for v in values)
        return isinstance(values, dict) and self.term.matches(values)


@dataclass(frozen=True, slots=True)
class Never:
    """An attribute another resource type has, in a search over both (§3.4.2.1)."""

    def matches(self, resource: Mapping[str, Any]) -> bool:
        return False


Term = Compare | Present | Negation | Conjunction | Disjunction | Selection | Never


@lru_cache(maxsize=512)
def parse(schema: ResourceSchema, text: str, lenient: bool = False) -> Term:
    """The filter, bound. Raises `ScimError` (invalidFilter) for syntax and unknown attributes.

    With `lenient` an attribute the resource type lacks makes its term false.
    """
    from scim2_models import SCIMException, ScimFilter

    if len(text) > places.MAX_LENGTH:
        raise invalid_filter("is too long.")
    try:
        node = ScimFilter(text).ast
    except (SCIMException, ValueError) as error:
        detail = getattr(error, "detail", None) or "cannot be read."
        raise invalid_filter(str(detail)) from error
    return bind(node, lambda path: places.of_path(schema, path), lenient)


def within(attribute: Attribute) -> Callable[[AttrPath], Place | None]:
    """How names are found inside the brackets of `attribute[…]`."""

    def find(path: AttrPath) -> Place | None:
        sub = attribute.sub(path.attr)
        return Place(sub) if sub and path.sub_attr is None and path.uri is None else None

    return find


def bind(
    node: FilterNode, find: Callable[[AttrPath], Place | None], lenient: bool = False
) -> Term:
    """The library's syntax tree with its attribute paths looked up by `find`."""
    from scim2_models import path as syntax

    if isinstance(node, syntax.Not):
        return Negation(bind(node.expr, find, lenient))
    if isinstance(node, syntax.LogicalExpr):
        terms = tuple(bind(term, find, lenient) for term in node.terms)
        return Conjunction(terms) if node.op == "and" else Disjunction(terms)
    path: AttrPath = node.attr_path  # type: ignore[attr-defined]  # the three kinds left have it
    place = find(path)
    if place is None and lenient:
        return Never()
    if place is None:
        raise invalid_filter(f"there is no attribute {str(path)[:200]!r}.")
    if place.target.returned == "never":
        raise invalid_filter(f"{place.path} cannot be searched for.")
    if isinstance(node, syntax.Comparison):
        return _comparison(place, node.op.value, node.value)
    if isinstance(node, syntax.ValuePath):
        return Selection(place, bind(node.val_filter, within(place.attribute), lenient))
    return Present(place)


def _comparison(place: Place, op: str, value: Any) -> Term:
    if place.target.is_complex:
        default = place.target.sub("value")
        if default is None:
            raise invalid_filter(f"{place.path} has sub-attributes; name one of them.")
        place = Place(place.attribute, default, place.urn)
    if value is None:
        if op not in ("eq", "ne"):
            raise invalid_filter(f"{place.path} {op} null says nothing.")
        return Present(place) if op == "ne" else Negation(Present(place))
    return Compare(place, op, operand(place.target, op, value))


def attributes_in(term: Term) -> Iterator[Attribute]:
    """Every attribute of the resource that the filter looks at."""
    if isinstance(term, Compare | Present | Selection):
        yield term.place.attribute
    elif isinstance(term, Negation):
        yield from attributes_in(term.term)
    elif isinstance(term, Conjunction | Disjunction):
        for inner in term.terms:
            yield from attributes_in(inner)
