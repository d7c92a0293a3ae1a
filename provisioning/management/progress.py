from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

Item = TypeVar("Item")
WIDTH = 30
EVERY = 0.1


class Progress:
    """A bar on a terminal; silent anywhere else. `total` 0 means that it is not known."""

    def __init__(self, stream: TextIO, what: str, total: int) -> None:
        self.stream, self.what, self.total = stream, what, total
        self.shown = stream.isatty()
        self.next = 0.0

    def at(self, done: int) -> None:
        now = time.monotonic()
        if self.shown and now >= self.next:
            self.next = now + EVERY
            self._draw(done)

    def end(self) -> None:
        if self.shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def over(self, items: Iterable[Item]) -> Iterator[Item]:
        for done, item in enumerate(items):
            self.at(done)
            yield item
        self.end()

    def _draw(self, done: int) -> None:
        if self.total:
            part = min(done / self.total, 1.0)
            bar = "█" * int(part * WIDTH)
            text = f"{self.what} {bar:·<{WIDTH}} {part:4.0%}"
        else:
            text = f"{self.what} {done}"
        self.stream.write(f"\r\x1b[K{text}")
        self.stream.flush()
