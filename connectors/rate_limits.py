"""What a target says of its own accord about how much more it will take.

Three families of headers are in use, and all are read: `RateLimit-Limit`, `-Remaining` and
`-Reset` (draft-ietf-httpapi-ratelimit-headers up to 07), the one field `RateLimit` of its
later versions, and `X-RateLimit-*` (also written `X-Rate-Limit-*`), whose reset is a number
of seconds with some vendors and a moment in Unix time with others.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

LONGEST = 3600.0
"""No target's word counts for more than an hour (seconds)."""

_FAMILIES = ("RateLimit-", "X-RateLimit-", "X-Rate-Limit-")
_FIRST_NUMBER = re.compile(r"\s*(\d{1,15})(?:\.\d+)?\s*(?:[,;]|\Z)", re.ASCII)
_IN_ONE = re.compile(
    r"(?:\A|[;,\s])(limit|remaining|reset|q|r|t)\s*=\s*(\d{1,15})(?=[;,.\s]|\Z)", re.ASCII
)
_A_MOMENT = 100_000_000
"""Nobody asks for three years: a number above is seconds since 1970."""
_IN_MILLISECONDS = 100_000_000_000


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`remaining` requests are left of `limit` (0: not said) until in `reset` seconds."""

    limit: int
    remaining: int
    reset: float

    @property
    def used_up(self) -> bool:
        return self.remaining == 0 and self.reset > 0


def said(headers: Mapping[str, str], *, now: float | None = None) -> RateLimit | None:
    """What an answer tells; None unless it says both what is left and until when.

    `headers` must ignore case. A moment is measured against the answer's own `Date` where
    there is one, because clocks differ. Nonsense counts as nothing said.

    >>> said({"RateLimit-Limit": "100", "RateLimit-Remaining": "7", "RateLimit-Reset": "30"})
    RateLimit(limit=100, remaining=7, reset=30.0)
    >>> said({"RateLimit": '"default";r=7;t=30'})
    RateLimit(limit=0, remaining=7, reset=30.0)
    """
    if not any("rate" in name.lower() for name in headers):
        return None  # as nearly always, and this is asked for each answer
    found = _in_one(headers)
    for family in _FAMILIES:
        for part in ("limit", "remaining", "reset"):
            if (match := _FIRST_NUMBER.match(headers.get(family + part, ""))) is not None:
                found.setdefault(part, int(match[1]))
    if "remaining" not in found or "reset" not in found:
        return None
    seconds = _seconds(found["reset"], headers, now)
    return RateLimit(found.get("limit", 0), found["remaining"], seconds)


def nearer(one: RateLimit | None, other: RateLimit | None) -> RateLimit | None:
    """Whichever has less left."""
    if one is None or other is None:
        return one or other
    return min(other, one, key=lambda limit: limit.remaining)


def reset(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Seconds until the target counts anew; None when it does not say."""
    for name in (family + "Reset" for family in _FAMILIES):
        if (match := _FIRST_NUMBER.match(headers.get(name, ""))) is not None:
            return _seconds(int(match[1]), headers, now)
    told = _in_one(headers)
    return _seconds(told["reset"], headers, now) if "reset" in told else None


def _in_one(headers: Mapping[str, str]) -> dict[str, int]:
    names = {"r": "remaining", "t": "reset", "q": "limit"}
    text = f"{headers.get('RateLimit-Policy', '')};{headers.get('RateLimit', '')}"
    return {names.get(name, name): int(number) for name, number in _IN_ONE.findall(text)}


def _seconds(number: int, headers: Mapping[str, str], now: float | None) -> float:
    if number < _A_MOMENT:
        return min(float(number), LONGEST)
    moment = number / 1000 if number > _IN_MILLISECONDS else float(number)
    return min(max(moment - _clock(headers, now), 0.0), LONGEST)


def _clock(headers: Mapping[str, str], now: float | None) -> float:
    try:
        return parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return time.time() if now is None else now
