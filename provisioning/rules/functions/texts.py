"""Strings and URIs (A.3.3, A.3.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from provisioning.rules import datatypes, limits, names
from provisioning.rules.errors import Indeterminate, Unreadable
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.functions.signature import Function, Kind

_V1: Final = names.URN + "1.0:function:"
_V2: Final = names.URN + "2.0:function:"
_V3: Final = names.URN + "3.0:function:"
_STRING: Final = Kind(names.STRING)
_BOOLEAN: Final = Kind(names.BOOLEAN)
_INTEGER: Final = Kind(names.INTEGER)
_URI: Final = Kind(names.ANY_URI)
_WHITE: Final = " \t\r\n"


def concatenate(e: Evaluation, *parts: str) -> str:
    length = sum(map(len, parts))
    if length > limits.TEXT:
        raise Indeterminate("the string is too long")
    e.spend(length >> 10)
    return "".join(parts)


def normalize_space(e: Evaluation, text: str) -> str:
    return text.strip(_WHITE)


def lower(e: Evaluation, text: str) -> str:
    e.spend(len(text) >> 10)
    return text.lower()


def starts_with(e: Evaluation, start: str, text: str) -> bool:
    return text.startswith(start)


def ends_with(e: Evaluation, end: str, text: str) -> bool:
    return text.endswith(end)


def contains(e: Evaluation, part: str, text: str) -> bool:
    e.spend(len(text) >> 8)
    return part in text


def substring(e: Evaluation, text: str, first: int, end: int) -> str:
    """Up to, and without, `end`; -1 is the end of the text."""
    last = len(text) if end == -1 else end
    if not 0 <= first <= last <= len(text):
        raise Indeterminate(f"{first} to {end} is not within {len(text)} characters")
    return text[first:last]


def _reading(data_type: str) -> Callable[..., Any]:
    parse = datatypes.ALL[data_type].parse

    def call(e: Evaluation, text: str) -> Any:
        e.spend(len(text) >> 10)
        try:
            return parse(text)
        except Unreadable as error:
            raise Indeterminate.unreadable(str(error)) from error

    return call


def _writing(data_type: str) -> Callable[..., Any]:
    write = datatypes.ALL[data_type].write
    return lambda e, value: write(value)


def _conversions() -> Iterator[Function]:
    no_text = (names.STRING, names.HEX_BINARY, names.BASE64_BINARY, names.XPATH)
    for data_type in datatypes.ALL:
        if data_type in no_text:
            continue
        kind, name = Kind(data_type), names.short(data_type)
        yield Function(f"{_V3}{name}-from-string", (_STRING,), kind, _reading(data_type))
        yield Function(f"{_V3}string-from-{name}", (kind,), _STRING, _writing(data_type))


def _searches() -> Iterator[Function]:
    """The part comes first, the text it may be in second."""
    for kind in (_STRING, _URI):
        both = (_STRING, kind)
        yield Function(f"{_V3}{kind}-starts-with", both, _BOOLEAN, starts_with)
        yield Function(f"{_V3}{kind}-ends-with", both, _BOOLEAN, ends_with)
        yield Function(f"{_V3}{kind}-contains", both, _BOOLEAN, contains)
        three = (kind, _INTEGER, _INTEGER)
        yield Function(f"{_V3}{kind}-substring", three, _STRING, substring)


FUNCTIONS: Final = (
    Function(_V1 + "string-normalize-space", (_STRING,), _STRING, normalize_space),
    Function(_V1 + "string-normalize-to-lower-case", (_STRING,), _STRING, lower),
    Function(_V2 + "string-concatenate", (_STRING, _STRING), _STRING, concatenate, _STRING),
    Function(_V2 + "uri-string-concatenate", (_URI, _STRING), _URI, concatenate, _STRING),
    *_conversions(),
    *_searches(),
)
