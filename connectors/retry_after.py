"""How long a target asks us to stay away."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from connectors import rate_limits

LONGEST = rate_limits.LONGEST
"""No target silences a connector for more than an hour at a time (seconds)."""


def retry_after(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Seconds until the target wants to hear from us again; None when it does not say.

    Understands `Retry-After` in seconds and as an HTTP-date (RFC 9110 §10.2.3), and else
    the reset of its rate limit (`rate_limits`). Between 0 and one hour; nonsense counts as
    nothing said.
    A date is measured against the answer's own `Date` where there is one, because clocks
    differ. `headers` must ignore case.

    >>> retry_after({"Retry-After": "120"})
    120.0
    """
    asked = (headers.get("Retry-After") or "").strip()
    seconds = _number(asked)
    if seconds is None and asked:
        seconds = _until(asked, headers.get("Date"), time.time() if now is None else now)
    if seconds is None:
        seconds = rate_limits.reset(headers, now=now)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST)


def _number(text: str) -> float | None:
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if not digits.isascii() or not digits.isdigit() or not whole:
        return None
    return float(text) if len(whole) <= 15 else LONGEST


def _until(text: str, date: str | None, now: float) -> float | None:
    then = _timestamp(text)
    if then is None:
        return None
    there = _timestamp(date) if date else None
    return then - (now if there is None else there)


def _timestamp(text: str) -> float | None:
    try:
        parsed = parsedate_to_datetime(text)
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return aware.timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
