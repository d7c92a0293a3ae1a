"""Equality and order (A.3.1, A.3.6, A.3.8)."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from provisioning.rules import names, temporal
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.functions.signature import Closure, Function, Kind

BOOLEAN: Final = Kind(names.BOOLEAN)
_V1: Final = names.URN + "1.0:function:"
_V2: Final = names.URN + "2.0:function:"
_V3: Final = names.URN + "3.0:function:"
_MOMENTS: Final = (names.TIME, names.DATE, names.DATE_TIME)
_ORDERS: Final = (
    ("greater-than", operator.gt),
    ("greater-than-or-equal", operator.ge),
    ("less-than", operator.lt),
    ("less-than-or-equal", operator.le),
)
_EQUAL: Final = (
    (_V1, names.STRING),
    (_V1, names.BOOLEAN),
    (_V1, names.INTEGER),
    (_V1, names.ANY_URI),
    (_V1, names.X500_NAME),
    (_V1, names.RFC822_NAME),
    (_V1, names.HEX_BINARY),
    (_V1, names.BASE64_BINARY),
    (_V3, names.DAY_TIME),
    (_V3, names.YEAR_MONTH),
    (_V1, names.DAY_TIME),
    (_V1, names.YEAR_MONTH),
)


def _plain(compare: Callable[[Any, Any], bool]) -> dict[str, Any]:
    def call(e: Evaluation, one: Any, other: Any) -> bool:
        return compare(one, other)

    def build(arguments: Sequence[Closure]) -> Closure:
        first, second = arguments
        return lambda e: compare(first(e), second(e))

    return {"call": call, "build": build}


def _in_time(compare: Callable[[Any, Any], bool]) -> dict[str, Any]:
    def call(e: Evaluation, one: temporal.Moment, other: temporal.Moment) -> bool:
        e.spend(2)
        zone = e.zone
        return compare(one.instant(zone), other.instant(zone))

    return {"call": call}


def same_double(one: float, other: float) -> bool:
    """IEEE 754, but the one NaN of XML Schema equals itself."""
    return one == other or (math.isnan(one) and math.isnan(other))


def ignoring_case(e: Evaluation, one: str, other: str) -> bool:
    e.spend((len(one) + len(other)) >> 10)
    return one.lower() == other.lower()


def time_in_range(
    e: Evaluation, value: temporal.Moment, first: temporal.Moment, last: temporal.Moment
) -> bool:
    e.spend(6)
    return temporal.in_range(value, first, last, e.zone)


def _functions() -> Iterator[Function]:
    for prefix, data_type in _EQUAL:
        both = (Kind(data_type),) * 2
        name = f"{prefix}{names.short(data_type)}-equal"
        yield Function(name, both, BOOLEAN, **_plain(operator.eq))
    doubles = (Kind(names.DOUBLE),) * 2
    yield Function(_V1 + "double-equal", doubles, BOOLEAN, **_plain(same_double))
    for data_type in _MOMENTS:
        both = (Kind(data_type),) * 2
        name = f"{_V1}{names.short(data_type)}-equal"
        yield Function(name, both, BOOLEAN, **_in_time(operator.eq))
    for data_type in (names.STRING, names.INTEGER, names.DOUBLE, *_MOMENTS):
        making = _in_time if data_type in _MOMENTS else _plain
        for order, compare in _ORDERS:
            name = f"{_V1}{names.short(data_type)}-{order}"
            yield Function(name, (Kind(data_type),) * 2, BOOLEAN, **making(compare))
    strings = (Kind(names.STRING),) * 2
    yield Function(_V3 + "string-equal-ignore-case", strings, BOOLEAN, ignoring_case)
    yield Function(_V2 + "time-in-range", (Kind(names.TIME),) * 3, BOOLEAN, time_in_range)


FUNCTIONS: Final = tuple(_functions())
