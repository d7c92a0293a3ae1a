"""and, or, not, n-of (A.3.5).

An argument that is Indeterminate decides nothing when another one settles the matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from provisioning.rules import names
from provisioning.rules.errors import Indeterminate
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.functions.signature import Closure, Function, Kind

_V1: Final = names.URN + "1.0:function:"
_BOOLEAN: Final = Kind(names.BOOLEAN)
_INTEGER: Final = Kind(names.INTEGER)


def settled(answers: Iterable[Callable[[], bool]], by: bool) -> bool:
    """`by` when one of the answers is; raises the first `Indeterminate` when none is."""
    error: Indeterminate | None = None
    for answer in answers:
        try:
            if answer() is by:
                return by
        except Indeterminate as found:
            error = error or found
    if error is not None:
        raise error
    return not by


def _settling(by: bool) -> Callable[[Sequence[Closure]], Closure]:
    def build(arguments: Sequence[Closure]) -> Closure:
        kept = tuple(arguments)

        def run(e: Evaluation) -> Any:
            error: Indeterminate | None = None
            for argument in kept:
                try:
                    if argument(e) is by:
                        return by
                except Indeterminate as found:
                    error = error or found
            if error is not None:
                raise error
            return not by

        return run

    return build


def _any(e: Evaluation, *values: bool) -> bool:
    return any(values)


def _all(e: Evaluation, *values: bool) -> bool:
    return all(values)


def _not(e: Evaluation, value: bool) -> bool:
    return not value


def _n_of(e: Evaluation, wanted: int, *values: bool) -> bool:
    _check(wanted, len(values))
    return sum(values) >= wanted


def _check(wanted: int, there: int) -> None:
    if not 0 <= wanted <= there:
        raise Indeterminate(f"{wanted} of {there} arguments cannot be true")


def _build_n_of(arguments: Sequence[Closure]) -> Closure:
    number, kept = arguments[0], tuple(arguments[1:])

    def run(e: Evaluation) -> bool:
        wanted, true, possible = number(e), 0, len(kept)
        _check(wanted, possible)
        error: Indeterminate | None = None
        for argument in kept:
            if not true < wanted <= possible:
                break
            try:
                if argument(e):
                    true += 1
                else:
                    possible -= 1
            except Indeterminate as found:
                error = error or found
        if error is not None and true < wanted <= possible:
            raise error
        return bool(true >= wanted)

    return run


def _build_not(arguments: Sequence[Closure]) -> Closure:
    (only,) = arguments
    return lambda e: not only(e)


def _function(name: str, call: Callable[..., Any], **more: Any) -> Function:
    return Function(_V1 + name, more.pop("parameters", ()), _BOOLEAN, call, **more)


FUNCTIONS: Final = (
    _function("or", _any, rest=_BOOLEAN, build=_settling(by=True)),
    _function("and", _all, rest=_BOOLEAN, build=_settling(by=False)),
    _function("not", _not, parameters=(_BOOLEAN,), build=_build_not),
    _function("n-of", _n_of, parameters=(_INTEGER,), rest=_BOOLEAN, build=_build_n_of),
)
