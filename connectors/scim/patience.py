"""Throttling that does not look like it: what a product's profile knows of its answers."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from connectors.retry_after import LONGEST
from connectors.scim.profiles import Throttling


def asked_for(
    throttling: Sequence[Throttling], status: int, headers: Mapping[str, str], said: str
) -> float | None:
    """Seconds to stay away, at most an hour; None when this answer means something else.

    `headers` must ignore case.
    """
    for one in throttling:
        if status in one.statuses and _means(one, headers, said):
            return min(max(_until(one, headers), 0.0), LONGEST)
    return None


def _means(one: Throttling, headers: Mapping[str, str], said: str) -> bool:
    spent = bool(one.spent) and (headers.get(one.spent) or "").strip() == "0"
    return spent or (bool(one.says) and one.says.casefold() in said.casefold())


def _until(one: Throttling, headers: Mapping[str, str]) -> float:
    written = (headers.get(one.until) or "").strip() if one.until else ""
    if not (written.isascii() and written.isdecimal() and len(written) <= 12):
        return one.pause
    return float(written) - time.time()
