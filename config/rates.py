"""How often one caller may ask: `PURVEYOR_API_RATE` is checked before anything uses it."""

from __future__ import annotations

import re
import sys

RATE = re.compile(r"[1-9]\d{0,8}/(s|sec|second|m|min|minute|h|hour|d|day)")


def checked(rate: str) -> str:
    """The rate, or nothing for no limit. A wrong one ends the process with a sentence.

    >>> checked("600/min")
    '600/min'
    """
    if rate and not RATE.fullmatch(rate):
        sys.stderr.write("PURVEYOR_API_RATE: it is like 600/min (s, min, h or d).\n")
        sys.exit(2)
    return rate
