"""Numbers, dates and durations (A.3.2, A.3.4, A.3.7).

Doubles follow IEEE 754; dividing by zero is Indeterminate, for doubles too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final, TypeVar

from provisioning.rules import limits, names, temporal
from provisioning.rules.errors import Indeterminate
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.functions.signature import Function, Kind

_Number = TypeVar("_Number", int, float)

_V1: Final = names.URN + "1.0:function:"
_V3: Final = names.URN + "3.0:function:"
_INTEGER: Final = Kind(names.INTEGER)
_DOUBLE: Final = Kind(names.DOUBLE)


def _bounded(value: int) -> int:
    if value.bit_length() > limits.BITS:
        raise Indeterminate("the integer is too long")
    return value


def add_doubles(e: Evaluation, *values: float) -> float:
    total = 0.0
    for value in values:
        total += value
    return total


def subtract_doubles(e: Evaluation, one: float, other: float) -> float:
    return one - other


def multiply_integers(e: Evaluation, *values: int) -> int:
    product = 1
    for value in values:
        product = _bounded(product * value)
        e.spend(product.bit_length() >> 8)
    return product


def add_integers(e: Evaluation, *values: int) -> int:
    return _bounded(sum(values))


def subtract_integers(e: Evaluation, one: int, other: int) -> int:
    return _bounded(one - other)


def multiply_doubles(e: Evaluation, *values: float) -> float:
    product = 1.0
    for value in values:
        product *= value
    return product


def divide_integers(e: Evaluation, one: int, other: int) -> int:
    """Cut off towards zero."""
    quotient = abs(one) // abs(_divisor(other))
    return quotient if (one < 0) == (other < 0) else -quotient


def remainder(e: Evaluation, one: int, other: int) -> int:
    """With the sign of the first, as it belongs to the division above."""
    rest = abs(one) % abs(_divisor(other))
    return -rest if one < 0 else rest


def divide_doubles(e: Evaluation, one: float, other: float) -> float:
    return float(one / _divisor(other))


def _divisor(value: _Number) -> _Number:
    if value == 0:
        raise Indeterminate("division by zero")
    return value


def magnitude(e: Evaluation, value: Any) -> Any:
    return abs(value)


def half_even(e: Evaluation, value: float) -> float:
    """To the nearest whole number, from the middle to the even one (7.5)."""
    return float(round(value)) if math.isfinite(value) else value


def floor(e: Evaluation, value: float) -> float:
    return float(math.floor(value)) if math.isfinite(value) else value


def to_integer(e: Evaluation, value: float) -> int:
    if not math.isfinite(value):
        raise Indeterminate(f"{value} is no integer")
    return int(value)


def to_double(e: Evaluation, value: int) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise Indeterminate("the integer is too long for a double") from error


def add_day_time(e: Evaluation, moment: temporal.Moment, length: timedelta) -> Any:
    return temporal.later(moment, length)


def subtract_day_time(e: Evaluation, moment: temporal.Moment, length: timedelta) -> Any:
    return temporal.later(moment, -length)


def add_months(e: Evaluation, moment: temporal.Moment, months: int) -> Any:
    return temporal.months_later(moment, months)


def subtract_months(e: Evaluation, moment: temporal.Moment, months: int) -> Any:
    return temporal.months_later(moment, -months)


def _numeric() -> Iterator[Function]:
    calls: dict[Kind, tuple[Callable[..., Any], ...]] = {
        _INTEGER: (add_integers, multiply_integers, subtract_integers, divide_integers),
        _DOUBLE: (add_doubles, multiply_doubles, subtract_doubles, divide_doubles),
    }
    for kind, (plus, times, minus, over) in calls.items():
        name, two = f"{_V1}{kind}-", (kind, kind)
        yield Function(f"{name}add", two, kind, plus, rest=kind)
        yield Function(f"{name}multiply", two, kind, times, rest=kind)
        yield Function(f"{name}subtract", two, kind, minus)
        yield Function(f"{name}divide", two, kind, over)
        yield Function(f"{name}abs", (kind,), kind, magnitude)
    yield Function(_V1 + "integer-mod", (_INTEGER, _INTEGER), _INTEGER, remainder)
    yield Function(_V1 + "round", (_DOUBLE,), _DOUBLE, half_even)
    yield Function(_V1 + "floor", (_DOUBLE,), _DOUBLE, floor)
    yield Function(_V1 + "double-to-integer", (_DOUBLE,), _INTEGER, to_integer)
    yield Function(_V1 + "integer-to-double", (_INTEGER,), _DOUBLE, to_double)


def _temporal() -> Iterator[Function]:
    """3.0 and, deprecated, 1.0 (A.4)."""
    for prefix in (_V3, _V1):
        for data_type, length, plus, minus in (
            (names.DATE_TIME, names.DAY_TIME, add_day_time, subtract_day_time),
            (names.DATE_TIME, names.YEAR_MONTH, add_months, subtract_months),
            (names.DATE, names.YEAR_MONTH, add_months, subtract_months),
        ):
            kind, name = Kind(data_type), prefix + names.short(data_type)
            two = (kind, Kind(length))
            yield Function(f"{name}-add-{names.short(length)}", two, kind, plus)
            yield Function(f"{name}-subtract-{names.short(length)}", two, kind, minus)


FUNCTIONS: Final = (*_numeric(), *_temporal())
