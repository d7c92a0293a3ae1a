"""The fast target as its users see it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

import orjson

from bench import processes


@dataclass(frozen=True)
class Arrival:
    """A request that reached the target; `time` is comparable with `time.monotonic()` here."""

    time: float
    method: str
    path: str
    name: str


class Target:
    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def reset(self, delay: float = 0) -> None:
        """Forget everything; from now on answer `delay` seconds after a request."""
        self._ask(f"reset?delay={delay}")

    def count(self) -> int:
        return int(self._ask("count"))

    def arrivals(self) -> list[Arrival]:
        return [Arrival(*one) for one in self._ask("arrivals")]

    def bodies(self) -> list[str]:
        """What was posted."""
        return list(self._ask("bodies"))

    def wait(self, count: int, *, seconds: float = processes.PATIENCE) -> None:
        processes.wait_for(
            f"{count} arrivals", lambda: self.count() >= count, seconds=seconds, every=0.1
        )

    def _ask(self, what: str) -> Any:
        with urlopen(f"{self.url}/-/{what}", timeout=60) as answer:  # noqa: S310 loopback
            return orjson.loads(answer.read())


@contextmanager
def fast_target() -> Iterator[Target]:
    """A process of its own, on a port of its own."""
    with processes.running("-m", "bench.fast_target", env=dict(os.environ)) as process:
        assert process.stdout is not None  # noqa: S101 for the type checker
        yield Target(int(process.stdout.readline()))


def rate(arrivals: list[Arrival]) -> float:
    """Arrivals per second, from the first to the last."""
    times = sorted(one.time for one in arrivals)
    return (len(times) - 1) / (times[-1] - times[0])


def middle_rate(arrivals: list[Arrival], start: float = 0.25, end: float = 0.85) -> float:
    """Arrivals per second while everybody is at work: without the start and the end."""
    times = sorted(one.time for one in arrivals)
    middle = times[int(len(times) * start) : int(len(times) * end)]
    return (len(middle) - 1) / (middle[-1] - middle[0])
