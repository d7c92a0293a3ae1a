"""Functions that apply a function to the values of bags (A.3.12).

Every call counts as work, so that no product of bags takes longer than a decision may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any, Final

from provisioning.rules import names
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.functions.bags import Bag
from provisioning.rules.functions.logic import settled
from provisioning.rules.functions.signature import (
    Closure,
    Function,
    Kind,
    WrongArguments,
    check,
)

_V1: Final = names.URN + "1.0:function:"
_V3: Final = names.URN + "3.0:function:"
_BOOLEAN: Final = Kind(names.BOOLEAN)

Combine = Callable[[Evaluation, Function, Sequence[Any], Sequence[bool]], Any]


@dataclass(frozen=True, slots=True)
class HigherOrder:
    """`bags` says how many of the arguments are bags: exactly so many, or any when None."""

    id: str
    bags: int | None
    combine: Combine
    arguments: int | None = None
    maps: bool = False

    def returns(self, inner: Function, given: Sequence[Kind]) -> Kind:
        """Raises `WrongArguments`."""
        if self.arguments is not None and len(given) != self.arguments:
            raise WrongArguments(f"takes a function and {self.arguments} bags")
        bags = sum(kind.bag for kind in given)
        if self.bags is not None and bags != self.bags:
            wanted = "one bag" if self.bags == 1 else f"{self.bags} bags"
            raise WrongArguments(f"takes {wanted} behind the function, not {bags}")
        single = [Kind(kind.data_type) for kind in given]
        check(single, inner.kinds(len(single)))
        if self.maps:
            if inner.returns.bag:
                raise WrongArguments("takes a function that answers one value")
            return Kind(inner.returns.data_type, bag=True)
        if inner.returns != _BOOLEAN:
            raise WrongArguments("takes a function that answers true or false")
        return _BOOLEAN

    def closure(
        self, inner: Function, arguments: Sequence[Closure], given: Sequence[Kind]
    ) -> Closure:
        kept, bags = tuple(arguments), tuple(kind.bag for kind in given)
        combine = self.combine
        return lambda e: combine(e, inner, [argument(e) for argument in kept], bags)


def _calls(
    e: Evaluation, inner: Function, values: Sequence[Any], bags: Sequence[bool]
) -> Iterator[Callable[[], Any]]:
    """A call for every tuple of the cross product, in order."""
    sides: Iterable[Bag] = (
        value if is_bag else (value,) for value, is_bag in zip(values, bags, strict=True)
    )
    call = inner.call
    for row in product(*sides):
        e.spend(1)
        yield partial(call, e, *row)


def _any(e: Evaluation, inner: Function, values: Sequence[Any], bags: Sequence[bool]) -> bool:
    return settled(_calls(e, inner, values, bags), by=True)


def _all(e: Evaluation, inner: Function, values: Sequence[Any], bags: Sequence[bool]) -> bool:
    return settled(_calls(e, inner, values, bags), by=False)


def _all_of_any(
    e: Evaluation, inner: Function, values: Sequence[Any], bags: Sequence[bool]
) -> bool:
    first, second = values
    one = (False, True)
    return settled((partial(_any, e, inner, (value, second), one) for value in first), by=False)


def _any_of_all(
    e: Evaluation, inner: Function, values: Sequence[Any], bags: Sequence[bool]
) -> bool:
    """For each of the second bag there is one of the first."""
    first, second = values
    one = (True, False)
    return settled((partial(_any, e, inner, (first, value), one) for value in second), by=False)


def _map(e: Evaluation, inner: Function, values: Sequence[Any], bags: Sequence[bool]) -> Bag:
    return tuple([call() for call in _calls(e, inner, values, bags)])


def _both(prefixes: Sequence[str], name: str, *rest: Any, **more: Any) -> Iterator[HigherOrder]:
    for prefix in prefixes:
        yield HigherOrder(prefix + name, *rest, **more)


FUNCTIONS: Final = (
    *_both((_V3, _V1), "any-of", 1, _any),
    *_both((_V3, _V1), "all-of", 1, _all),
    *_both((_V3, _V1), "any-of-any", None, _any),
    *_both((_V3, _V1), "map", 1, _map, maps=True),
    *_both((_V1, _V3), "all-of-any", 2, _all_of_any, arguments=2),
    *_both((_V1, _V3), "any-of-all", 2, _any_of_all, arguments=2),
    *_both((_V1, _V3), "all-of-all", 2, _all, arguments=2),
)
