"""Regular expressions (A.3.13) and the matching of names (A.3.14).

Patterns are those of XPath's `matches`: unanchored, with the escapes and
categories of XML Schema as far as RE2, which runs them, has a like. What it
has not (back-references, subtraction, blocks such as \\p{IsGreek}) is refused by name. What
RE2 knows beyond XPath, such as (?i), is let through: policies written for Java use it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2

from provisioning.rules import datatypes, limits, names
from provisioning.rules.errors import Indeterminate
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.functions.signature import Function, Kind
from provisioning.rules.identities import Mailbox, X500Name

_V1: Final = names.URN + "1.0:function:"
_V2: Final = names.URN + "2.0:function:"
_STRING: Final = Kind(names.STRING)
_BOOLEAN: Final = Kind(names.BOOLEAN)
_MEMORY: Final = 1 << 19
_NAME_START: Final = r"\pL_:"
_NAME: Final = r"\pL\pM\pN_:.\-·"
_ESCAPES: Final = {
    "i": (f"[{_NAME_START}]", _NAME_START),
    "I": (f"[^{_NAME_START}]", None),
    "c": (f"[{_NAME}]", _NAME),
    "C": (f"[^{_NAME}]", None),
    "d": (r"\p{Nd}", r"\p{Nd}"),
    "D": (r"\P{Nd}", r"\P{Nd}"),
    "w": (r"[^\pP\pZ\pC]", None),
    "W": (r"[\pP\pZ\pC]", r"\pP\pZ\pC"),
    "s": (r"[ \t\n\r]", r" \t\n\r"),
    "S": (r"[^ \t\n\r]", None),
}
"""Escapes of XML Schema, outside and within a character class."""


class BadPattern(ValueError):
    """A regular expression that is not taken, and why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """`size`: the states RE2 may be in at once, at worst, for every character of a text."""

    search: Callable[[str], Any]
    size: int


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Pattern:
    """Raises `BadPattern`."""
    if len(pattern) > limits.PATTERN:
        raise BadPattern(f"a regular expression of {len(pattern)} characters is too long")
    text = _translated(pattern)
    try:
        made = re2.compile(text, _options())
        # Of single octets, in which a class of a thousand letters is one state.
        narrow = re2.compile(text.encode("latin-1", "replace"), _options(latin=True))
    except re2.error as error:
        why = error.args[0] if error.args else error
        told = why.decode() if isinstance(why, bytes) else str(why)
        raise BadPattern(f"{pattern!r} is no regular expression: {told}") from error
    return Pattern(made.search, narrow.programsize)


def _options(*, latin: bool = False) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _MEMORY
    if latin:
        options.encoding = re2.Options.Encoding.LATIN1
    return options


def _translated(pattern: str) -> str:
    made, position, within = [], 0, False
    while position < len(pattern):
        sign = pattern[position]
        if sign == "\\":
            made.append(_escape(pattern, position, within))
            position += 2
            continue
        if sign == "[" and within:
            raise BadPattern(f"{pattern!r} has a [ within [], where RE2 cannot subtract")
        within = (within or sign == "[") and not (within and sign == "]")
        made.append(sign)
        position += 1
    return "".join(made)


def _escape(pattern: str, position: int, within: bool) -> str:
    letter = pattern[position + 1 : position + 2]
    if letter in _ESCAPES:
        outside, inside = _ESCAPES[letter]
        if within and inside is None:
            raise BadPattern(f"\\{letter} within [] in {pattern!r} is beyond RE2")
        return inside if within and inside is not None else outside
    if letter in ("p", "P") and re.match(r"\{Is", pattern[position + 2 :]):
        raise BadPattern(f"{pattern!r} names a block of Unicode, which RE2 does not know")
    return f"\\{letter}"


def matches(e: Evaluation, pattern: Any, text: str) -> bool:
    """RE2 visits at worst every step of its program for every character."""
    ready = _made(e, pattern) if isinstance(pattern, str) else pattern
    e.spend(1 + ((len(text) * ready.size) >> 7))
    return ready.search(text) is not None


def _made(e: Evaluation, pattern: str) -> Pattern:
    """A pattern that was not known when the policy was loaded: making it is work too."""
    key = ("pattern", pattern)
    if key not in e.variables:
        try:
            e.variables[key] = compiled(pattern)
        except BadPattern as error:
            raise Indeterminate(str(error)) from error
        e.spend(200 + e.variables[key].size)
    made: Pattern = e.variables[key]
    return made


def _matching(data_type: str) -> Callable[..., Any]:
    write = datatypes.ALL[data_type].write
    return lambda e, pattern, value: matches(e, pattern, write(value))


def _x500(e: Evaluation, pattern: X500Name, value: X500Name) -> bool:
    return pattern.ends(value)


def _rfc822(e: Evaluation, pattern: str, value: Mailbox) -> bool:
    return value.matches(pattern)


def _functions() -> Iterator[Function]:
    strings = (_STRING, _STRING)
    yield Function(_V1 + "string-regexp-match", strings, _BOOLEAN, matches)
    yield Function(_V1 + "regexp-string-match", strings, _BOOLEAN, matches)
    for data_type in (
        names.ANY_URI,
        names.IP_ADDRESS,
        names.DNS_NAME,
        names.RFC822_NAME,
        names.X500_NAME,
    ):
        name = f"{_V2}{names.short(data_type)}-regexp-match"
        yield Function(name, (_STRING, Kind(data_type)), _BOOLEAN, _matching(data_type))
    x500 = Kind(names.X500_NAME)
    yield Function(_V1 + "x500Name-match", (x500, x500), _BOOLEAN, _x500)
    mail = (_STRING, Kind(names.RFC822_NAME))
    yield Function(_V1 + "rfc822Name-match", mail, _BOOLEAN, _rfc822)


FUNCTIONS: Final = tuple(_functions())
TAKING_PATTERNS: Final = frozenset(
    function.id for function in FUNCTIONS if "regexp" in function.id
)
