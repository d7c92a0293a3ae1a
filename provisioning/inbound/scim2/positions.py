"""Where lists by index go on (RFC 7644 §3.4.2.4), for whoever was given the page before.

A place by number moves when somebody before it goes, and the next page would leave somebody
out; the id of the last one told does not. What was told is known in this process only and for
a while; without it the number counts. Cursors need none of this.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

TIMEOUT = 300
"""Seconds between one page and the next."""
MOST = 20_000


class Positions:
    """Bounded; safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, int], tuple[float, str]] = OrderedDict()

    def note(self, question: str, offset: int, last: str) -> None:
        """The page that begins at the offset follows this id."""
        with self._lock:
            self._known[question, offset] = self._clock() + TIMEOUT, last
            self._known.move_to_end((question, offset))
            while len(self._known) > MOST:
                self._known.popitem(last=False)

    def find(self, question: str, offset: int) -> str | None:
        """The id that the page at the offset follows; None when that is not known."""
        with self._lock:
            until, last = self._known.get((question, offset), (0.0, ""))
        return last if until > self._clock() else None

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


told = Positions()
