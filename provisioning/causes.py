"""Where a job's changes began, carried in its payload to the deliveries that come of them.

A job may carry several: one that is superseded or absorbed goes on in the newer one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import spans

KEY = "traceparents"

MOST = 8
"""So many are carried, the newest first; a group may absorb thousands of changes."""


def of(payload: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(payload.get(KEY, ()))


def into(payload: dict[str, Any], older: Iterable[str] = ()) -> dict[str, Any]:
    """The payload with where we are now and the older causes; unchanged without any."""
    told = [cause for cause in dict.fromkeys((spans.here(), *older)) if cause]
    return {**payload, KEY: told[:MOST]} if told else payload
