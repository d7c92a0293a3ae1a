"""What was fetched a moment ago: this process's own, for a bounded time and number."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")

SECONDS = 600.0
ENTRIES = 256


class Remembered(Generic[V]):
    """`again` is bounded: an unknown key in a token, which anybody can write, must not make
    us call an identity provider as often as they like."""

    REFRESHES = 3
    WITHIN = 60.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, V]] = OrderedDict()
        self._refreshed: dict[str, list[float]] = {}

    def get(self, key: str, fetch: Callable[[], V]) -> V:
        with self._lock:
            until, value = self._kept.get(key, (0.0, None))
        if value is not None and until > self._clock():
            return value
        return self._store(key, fetch())

    def again(self, key: str, fetch: Callable[[], V]) -> V | None:
        """Fetched anew; None when that was done often enough lately."""
        now = self._clock()
        with self._lock:
            lately = [at for at in self._refreshed.get(key, ()) if at > now - self.WITHIN]
            if len(lately) >= self.REFRESHES:
                return None
            self._refreshed[key] = [*lately, now]
        return self._store(key, fetch())

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self._refreshed.clear()

    def _store(self, key: str, value: V) -> V:
        with self._lock:
            self._kept[key] = (self._clock() + SECONDS, value)
            self._kept.move_to_end(key)
            while len(self._kept) > ENTRIES:
                old, _ = self._kept.popitem(last=False)
                self._refreshed.pop(old, None)
        return value
