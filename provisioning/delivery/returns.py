"""What comes back from the threads that send, on its way to the one that writes."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Returns(Generic[T]):
    """A queue whose reader is not woken for every piece.

    Waking a thread for each answer costs as much as making the next request.
    """

    def __init__(self) -> None:
        self._waiting: deque[T] = deque()
        self._enough = 1
        self._bell = threading.Event()

    def put(self, one: T, *, urgent: bool = False) -> None:
        self._waiting.append(one)
        if urgent or len(self._waiting) >= self._enough:
            self._bell.set()

    def ring(self) -> None:
        """Let the reader look, whatever has come."""
        self._bell.set()

    def empty(self) -> bool:
        return not self._waiting

    def take(self, enough: int, seconds: float) -> list[T]:
        """All that has come: once it is `enough`, the bell rings, or the time is over."""
        self._enough = enough
        if len(self._waiting) < enough:
            self._bell.wait(seconds)
        self._bell.clear()
        return [self._waiting.popleft() for _ in range(len(self._waiting))]
