"""Bags and sets of every data type (A.3.10, A.3.11).

Values are compared by keys that are equal where the type's own equality says so, so that no
function takes more than the sum of its bags.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final

from provisioning.rules import datatypes, names
from provisioning.rules.datatypes import DataType
from provisioning.rules.errors import Indeterminate
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.functions.signature import Closure, Function, Kind

Bag = tuple[Any, ...]

_V1: Final = names.URN + "1.0:function:"
_V2: Final = names.URN + "2.0:function:"
_V3: Final = names.URN + "3.0:function:"
_BOOLEAN: Final = Kind(names.BOOLEAN)
_INTEGER: Final = Kind(names.INTEGER)
_SINCE: Final = {
    names.IP_ADDRESS: (_V2,),
    names.DNS_NAME: (_V2,),
    names.DAY_TIME: (_V3, _V1),
    names.YEAR_MONTH: (_V3, _V1),
    names.XPATH: (_V3,),
}
"""The versions whose functions a type has; 1.0 for the others."""

_NO_EQUALITY: Final = (names.XPATH,)


def _keys(kind: DataType, e: Evaluation, bag: Bag) -> list[Hashable]:
    e.spend(len(bag) >> 2)
    key = kind.key
    return list(bag) if key is None else [key(value, e.zone) for value in bag]


def _by_key(kind: DataType, e: Evaluation, bag: Bag) -> dict[Hashable, Any]:
    return dict(zip(_keys(kind, e, bag), bag, strict=True))


def _one_and_only(kind: DataType) -> dict[str, Any]:
    def call(e: Evaluation, bag: Bag) -> Any:
        if len(bag) != 1:
            raise Indeterminate(f"a bag of {len(bag)} {kind.name}s does not hold just one")
        return bag[0]

    def build(arguments: Sequence[Closure]) -> Closure:
        (only,) = arguments

        def run(e: Evaluation) -> Any:
            bag = only(e)
            return bag[0] if len(bag) == 1 else call(e, bag)

        return run

    return {"call": call, "build": build}


def _is_in(kind: DataType) -> dict[str, Any]:
    key = kind.key
    if key is None:
        return {"call": lambda e, value, bag: value in bag}

    def call(e: Evaluation, value: Any, bag: Bag) -> bool:
        return key(value, e.zone) in _keys(kind, e, bag)

    return {"call": call}


def _size(e: Evaluation, bag: Bag) -> int:
    return len(bag)


def _bag(e: Evaluation, *values: Any) -> Bag:
    return values


def _build_bag(arguments: Sequence[Closure]) -> Closure:
    kept = tuple(arguments)
    return lambda e: tuple([argument(e) for argument in kept])


def _bag_functions(kind: DataType, prefix: str) -> Iterator[Function]:
    one, many, name = Kind(kind.id), Kind(kind.id, bag=True), prefix + kind.name
    yield Function(f"{name}-one-and-only", (many,), one, **_one_and_only(kind))
    yield Function(f"{name}-bag-size", (many,), _INTEGER, _size)
    yield Function(f"{name}-bag", (), many, _bag, rest=one, build=_build_bag)
    if kind.id not in _NO_EQUALITY:
        yield Function(f"{name}-is-in", (one, many), _BOOLEAN, **_is_in(kind))


def _set_functions(kind: DataType, prefix: str) -> Iterator[Function]:
    def intersection(e: Evaluation, one: Bag, other: Bag) -> Bag:
        there = set(_keys(kind, e, other))
        return tuple(v for key, v in _by_key(kind, e, one).items() if key in there)

    def union(e: Evaluation, *bags: Bag) -> Bag:
        found: dict[Hashable, Any] = {}
        for bag in bags:
            for key, value in _by_key(kind, e, bag).items():
                found.setdefault(key, value)
        return tuple(found.values())

    def at_least_one(e: Evaluation, one: Bag, other: Bag) -> bool:
        return not set(_keys(kind, e, one)).isdisjoint(_keys(kind, e, other))

    def subset(e: Evaluation, one: Bag, other: Bag) -> bool:
        return set(_keys(kind, e, one)) <= set(_keys(kind, e, other))

    def set_equals(e: Evaluation, one: Bag, other: Bag) -> bool:
        return set(_keys(kind, e, one)) == set(_keys(kind, e, other))

    many, name = Kind(kind.id, bag=True), prefix + kind.name
    two = (many, many)
    yield Function(f"{name}-intersection", two, many, intersection)
    yield Function(f"{name}-union", two, many, union, rest=many)
    yield Function(f"{name}-at-least-one-member-of", two, _BOOLEAN, at_least_one)
    yield Function(f"{name}-subset", two, _BOOLEAN, subset)
    yield Function(f"{name}-set-equals", two, _BOOLEAN, set_equals)


def _functions() -> Iterator[Function]:
    for kind in datatypes.ALL.values():
        for prefix in _SINCE.get(kind.id, (_V1,)):
            yield from _bag_functions(kind, prefix)
            if kind.id not in _NO_EQUALITY:
                yield from _set_functions(kind, prefix)


FUNCTIONS: Final = tuple(_functions())
