"""Which optional capabilities a provider turned out not to have."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

_REMEMBERED = 3600.0
"""Seconds until a provider without a capability is asked for it again."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Of one target at one endpoint, for all connectors of this process."""

    place: tuple[str, str]
    _missing: ClassVar[dict[tuple[tuple[str, str], str], float]] = {}

    def expected(self, capability: str) -> bool:
        """Whether to use it: yes, until the provider says otherwise."""
        return time.monotonic() >= self._missing.get((self.place, capability), 0.0)

    def remember(self, capability: str, *, offered: bool) -> None:
        until = 0.0 if offered else time.monotonic() + _REMEMBERED
        self._missing[self.place, capability] = until
