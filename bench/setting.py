"""What a bench is given: room on disk, the length of the run, and the servers it may use."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

T = TypeVar("T")
Length = Literal["tiny", "short", "full"]


@dataclass
class Setting:
    """`folder` is the bench's own and goes away with the run.

    `length`: "short" fits all benches into eight minutes on two cores, "full" takes what it
    takes, "tiny" only proves that the bench works.
    """

    folder: Path
    length: Length = "short"
    postgres: str = ""
    redis: str = ""
    skipped: list[str] = field(default_factory=list)
    _start: float = field(default_factory=time.monotonic)

    @classmethod
    def of_environment(cls, folder: Path) -> Setting:
        default = "postgresql://root@127.0.0.1:5432/test"
        return cls(
            folder=folder,
            length="full" if os.environ.get("BENCH_FULL") == "1" else "short",
            postgres=os.environ.get("TEST_DATABASE_URL", default),
            redis=os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15"),
        )

    def sized(self, *, tiny: T, short: T, full: T) -> T:
        """The one that fits the length of this run."""
        return {"tiny": tiny, "short": short, "full": full}[self.length]

    def stamp(self) -> dict[str, str]:
        """When, and in which form."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return {"length": self.length, "measured": now}

    def skip(self, what: str, why: str) -> None:
        """Leave out a part; said now and once more under the table."""
        self.skipped.append(f"{what}: {why}")
        self.say(f"SKIPPED {what}: {why}")

    def say(self, line: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - self._start:6.1f} s] {line}\n")
        sys.stderr.flush()
