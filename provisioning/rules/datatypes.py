"""The data types of XACML 3.0 (A.2): reading, writing and comparing their values."""

from __future__ import annotations

import base64
import binascii
import math
import re
import string
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from provisioning.rules import identities, limits, names, temporal
from provisioning.rules.errors import Unreadable

_DOUBLE: Final = re.compile(
    r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NaN", re.ASCII
)
_INTEGER: Final = re.compile(r"[+-]?\d+", re.ASCII)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_BREAKS: Final = frozenset("\r\n\t")


@dataclass(frozen=True, slots=True)
class XPathExpression:
    """An expression over the Content of a category, with the prefixes where it stands."""

    path: str
    category: str
    namespaces: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class DataType:
    """`parse` raises `Unreadable`. `key` answers what is equal for equal values, given the
    zone of values without one in minutes; None where the values themselves will do.
    """

    id: str
    parse: Callable[[str], Any]
    write: Callable[[Any], str]
    natives: tuple[type, ...]
    key: Callable[[Any, int], Hashable] | None = None
    convert: Callable[[Any], Any] | None = None

    @property
    def name(self) -> str:
        return names.short(self.id)

    def of(self, value: Any) -> Any:
        """A value of this type from Python's own, or from text. Raises `Unreadable`."""
        if isinstance(value, str):
            return self.parse(value)
        if not isinstance(value, self.natives) or (
            isinstance(value, bool) and bool not in self.natives
        ):
            raise Unreadable(f"{value!r} is no {self.name}")
        return self.convert(value) if self.convert else value


def _text(text: str) -> str:
    return text


def _uri(text: str) -> str:
    text = text.strip()
    if any(sign in _BREAKS for sign in text):
        raise Unreadable(f"{text!r} is no URI")
    return text


def _boolean(text: str) -> bool:
    found = {"true": True, "1": True, "false": False, "0": False}.get(text.strip())
    if found is None:
        raise Unreadable(f"{text!r} is neither true nor false")
    return found


def _integer(text: str) -> int:
    text = text.strip()
    if len(text) > limits.DIGITS:
        raise Unreadable(f"an integer of {len(text)} digits is too long")
    if not _INTEGER.fullmatch(text):
        raise Unreadable(f"{text!r} is no integer")
    return int(text)


def _double(text: str) -> float:
    text = text.strip()
    if len(text) > limits.DIGITS or not _DOUBLE.fullmatch(text):
        raise Unreadable(f"{text[:50]!r} is no double")
    return float(text)


def write_double(value: float) -> str:
    """The canonical form of XML Schema: 5.5E0."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    mantissa, _, exponent = f"{value!r}".lower().partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return sign + "0.0E0"
    power = int(exponent or 0) + len(whole) - 1 - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0") or "0"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{power}"


def _hex(text: str) -> bytes:
    text = text.strip()
    if len(text) % 2 or not set(text) <= set(string.hexdigits):
        raise Unreadable(f"{text[:50]!r} is no hexBinary")
    return bytes.fromhex(text)


def _base64(text: str) -> bytes:
    plain = "".join(text.split())
    if not _BASE64.fullmatch(plain):
        raise Unreadable(f"{text[:50]!r} is no base64Binary")
    try:
        return base64.b64decode(plain, validate=True)
    except binascii.Error as error:
        raise Unreadable(f"{text[:50]!r} is no base64Binary: {error}") from error


def _stripped(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: parse(text.strip())


def _kept(value: Any) -> str:
    """In the form in which it came."""
    return str(value.text)


def _moment_key(value: temporal.Moment, zone: int) -> Hashable:
    return value.instant(zone)


def _double_key(value: float, zone: int) -> Hashable:
    """XML Schema has one NaN, which equals itself."""
    return "NaN" if math.isnan(value) else value


def _moment(identifier: str, native: type, of: Callable[[Any], Any]) -> DataType:
    parse, write = {
        names.TIME: (temporal.parse_time, temporal.write_time),
        names.DATE: (temporal.parse_date, temporal.write_date),
        names.DATE_TIME: (temporal.parse_date_time, temporal.write_date_time),
    }[identifier]
    return DataType(identifier, _stripped(parse), write, (native,), _moment_key, of)


def _identity(identifier: str, parse: Callable[[str], Any], native: type) -> DataType:
    return DataType(identifier, _stripped(parse), _kept, (native,))


def _xpath(text: str) -> XPathExpression:
    raise Unreadable("an XPath expression needs the category it is about")


ALL: Final = {
    kind.id: kind
    for kind in (
        DataType(names.STRING, _text, str, (str,)),
        DataType(names.BOOLEAN, _boolean, lambda value: str(value).lower(), (bool,)),
        DataType(names.INTEGER, _integer, str, (int,)),
        DataType(names.DOUBLE, _double, write_double, (float, int), _double_key, float),
        _moment(names.TIME, time, temporal.of_time),
        _moment(names.DATE, date, temporal.of_date),
        _moment(names.DATE_TIME, datetime, temporal.of_datetime),
        DataType(names.ANY_URI, _uri, str, (str,)),
        DataType(names.HEX_BINARY, _hex, lambda value: value.hex().upper(), (bytes,)),
        DataType(
            names.BASE64_BINARY,
            _base64,
            lambda value: base64.b64encode(value).decode(),
            (bytes,),
        ),
        DataType(
            names.DAY_TIME,
            _stripped(temporal.parse_day_time),
            temporal.write_day_time,
            (timedelta,),
        ),
        DataType(
            names.YEAR_MONTH,
            _stripped(temporal.parse_year_month),
            temporal.write_year_month,
            (int,),
        ),
        _identity(names.X500_NAME, identities.parse_x500, identities.X500Name),
        _identity(names.RFC822_NAME, identities.parse_rfc822, identities.Mailbox),
        _identity(names.IP_ADDRESS, identities.parse_ip, identities.Place),
        _identity(names.DNS_NAME, identities.parse_dns, identities.Place),
        DataType(names.XPATH, _xpath, lambda value: value.path, (XPathExpression,)),
    )
}


def find(identifier: str) -> DataType | None:
    """By today's or an earlier name."""
    return ALL.get(names.canonical_type(identifier))
