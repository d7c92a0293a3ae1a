"""Target, AnyOf, AllOf and Match (7.6, 7.7), and what an index may know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from provisioning.rules import names
from provisioning.rules.documents import Element, attribute_of, tag
from provisioning.rules.errors import Indeterminate
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.expressions import (
    READER,
    Expression,
    attribute,
    function_named,
    literal,
    selector,
    with_pattern,
)
from provisioning.rules.functions import Function, patterns
from provisioning.rules.functions.signature import Closure, Kind, WrongArguments, check
from provisioning.rules.request import Key

_INDEXED: Final = {
    names.URN + "1.0:function:string-equal": names.STRING,
    names.URN + "1.0:function:anyURI-equal": names.ANY_URI,
}


@dataclass(frozen=True, slots=True)
class TargetKey:
    """An attribute that must have this value for something to match."""

    key: Key
    value: str


Alternatives = frozenset[TargetKey]
"""Keys of an AnyOf: where the request has none of them, it does not match."""


@dataclass(frozen=True, slots=True)
class Target:
    """`run` answers whether it matches, or raises `Indeterminate`; None matches everything."""

    run: Closure | None
    keys: tuple[Alternatives, ...] = ()
    weight: int = 0


def target(element: Element | None) -> Target:
    """Raises `PolicyRefused`."""
    if element is None or not len(element):
        return Target(None)
    parts = [_any_of(child) for child in element]
    keys = tuple(any_of for part in parts for any_of in part.keys)
    runs = [part.run for part in parts if part.run]
    return Target(_every(runs), keys, sum(part.weight for part in parts))


def _any_of(element: Element) -> Target:
    parts = [_all_of(child) for child in element]
    keys = parts[0].keys if len(parts) == 1 else ()
    if len(parts) > 1 and all(part.keys for part in parts):
        keys = (frozenset().union(*(part.keys[-1] for part in parts)),)
    runs = [part.run for part in parts if part.run]
    return Target(_some(runs), keys, sum(part.weight for part in parts))


def _all_of(element: Element) -> Target:
    """All matches have to hold, so that each of their keys may stand for it."""
    parts = [_match(child) for child in element]
    keys = tuple(key for part in parts for key in part.keys)
    runs = [part.run for part in parts if part.run]
    return Target(_every(runs), keys, len(parts))


def _every(runs: Sequence[Closure]) -> Closure:
    """False as soon as one is, whatever error another one has."""
    if len(runs) == 1:
        return runs[0]
    kept = tuple(runs)

    def run(e: Evaluation) -> bool:
        error: Indeterminate | None = None
        for part in kept:
            try:
                if not part(e):
                    return False
            except Indeterminate as found:
                error = error or found
        if error is not None:
            raise error
        return True

    return run


def _some(runs: Sequence[Closure]) -> Closure:
    if len(runs) == 1:
        return runs[0]
    kept = tuple(runs)

    def run(e: Evaluation) -> bool:
        error: Indeterminate | None = None
        for part in kept:
            try:
                if part(e):
                    return True
            except Indeterminate as found:
                error = error or found
        if error is not None:
            raise error
        return False

    return run


def _match(element: Element) -> Target:
    wanted = literal(element[0])
    designated = tag(element[1]) == "AttributeDesignator"
    of_request = attribute(element[1]) if designated else selector(element[1])
    function = _function(element, wanted, of_request)
    if function.id in patterns.TAKING_PATTERNS:
        wanted = with_pattern(wanted, element)
    data_type = _INDEXED.get(function.id)
    if data_type is None:
        return Target(_matching(function, wanted.constant, of_request.run), (), 1)
    keys: tuple[Alternatives, ...] = ()
    if designated:
        keys = _keys(element[1], data_type, wanted.constant)
    return Target(_equal(wanted.constant, of_request.run), keys, 1)


def _function(element: Element, wanted: Expression, of_request: Expression) -> Function:
    function = function_named(element, "MatchId")
    name = names.short(function.id)
    try:
        if not isinstance(function, Function):
            raise WrongArguments("cannot be used in a Match")
        given = [wanted.kind, Kind(of_request.kind.data_type)]
        check(given, function.kinds(2))
        if function.returns != Kind(names.BOOLEAN):
            raise WrongArguments("does not answer true or false")
    except WrongArguments as error:
        raise READER.fail(f"{name} {error}", element) from error
    return function


def _keys(element: Element, data_type: str, value: str) -> tuple[Alternatives, ...]:
    """None for an attribute that must be present: without it the target is Indeterminate."""
    attrib = element.attrib
    if (
        READER.boolean(element, "MustBePresent")
        or attribute_of(element, "AttributeId") in names.CURRENT
    ):
        return ()
    key: Key = (
        attribute_of(element, "Category").strip(),
        attribute_of(element, "AttributeId").strip(),
        data_type,
    )
    if "Issuer" in attrib:
        key = (*key, attribute_of(element, "Issuer"))
    return (frozenset((TargetKey(key, value),)),)


def _equal(wanted: str, bag: Closure) -> Closure:
    return lambda e: wanted in bag(e)


def _matching(function: Function, wanted: Any, bag: Closure) -> Closure:
    """True for any value, else Indeterminate if any is, else False."""
    call = function.call

    def run(e: Evaluation) -> bool:
        error: Indeterminate | None = None
        values = bag(e)
        e.spend(len(values))
        for value in values:
            try:
                if call(e, wanted, value):
                    return True
            except Indeterminate as found:
                error = error or found
        if error is not None:
            raise error
        return False

    return run
