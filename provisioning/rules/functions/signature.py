from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from provisioning.rules.evaluation import Evaluation
from provisioning.rules.names import short

Closure = Callable[[Evaluation], Any]
"""A compiled expression: answers its value, or raises `Indeterminate`."""


class Kind(NamedTuple):
    """What an expression answers: one value of a data type, or a bag of them."""

    data_type: str
    bag: bool = False

    def __str__(self) -> str:
        return f"bag of {short(self.data_type)}" if self.bag else short(self.data_type)


class WrongArguments(ValueError):
    """What a function is given is not what it takes."""


@dataclass(frozen=True, slots=True)
class Function:
    """`call` is given the evaluation and the values. Beyond `parameters` it takes any number
    of `rest`. `build`, where there is one, makes the closure from those of the arguments:
    for functions that do not want all of them evaluated, or that are used the most.
    """

    id: str
    parameters: tuple[Kind, ...]
    returns: Kind
    call: Callable[..., Any]
    rest: Kind | None = None
    build: Callable[[Sequence[Closure]], Closure] | None = None

    def kinds(self, count: int) -> tuple[Kind, ...]:
        """What the arguments must be when there are so many. Raises `WrongArguments`."""
        known = len(self.parameters)
        if self.rest is None and count != known:
            raise WrongArguments(f"takes {_counted(known)}, not {count}")
        if self.rest is None:
            return self.parameters
        if count < known:
            raise WrongArguments(f"takes at least {_counted(known)}, not {count}")
        return (*self.parameters, *(self.rest,) * (count - known))

    def closure(self, arguments: Sequence[Closure]) -> Closure:
        if self.build is not None:
            return self.build(arguments)
        return applied(self.call, arguments)


def _counted(count: int) -> str:
    return f"{count} argument{'' if count == 1 else 's'}"


def check(given: Sequence[Kind], wanted: Sequence[Kind]) -> None:
    """Raises `WrongArguments`."""
    for position, (have, want) in enumerate(zip(given, wanted, strict=True), start=1):
        if have != want:
            raise WrongArguments(f"takes {_a(want)} as argument {position}, not {_a(have)}")


def _a(kind: Kind) -> str:
    text = str(kind)
    return f"an {text}" if text[0] in "aeio" else f"a {text}"


def applied(call: Callable[..., Any], arguments: Sequence[Closure]) -> Closure:
    if len(arguments) == 1:
        (only,) = arguments
        return lambda e: call(e, only(e))
    if len(arguments) == 2:
        first, second = arguments
        return lambda e: call(e, first(e), second(e))
    kept = tuple(arguments)
    return lambda e: call(e, *[argument(e) for argument in kept])
