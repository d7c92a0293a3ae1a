"""The budget in force: what the operator set, lowered by the target, growing back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.models import OutboundConnector
from provisioning.models import ConnectorBudget

GROWTH = 1.1
"""What was lowered grows by so much each minute without a refusal."""
SLOWEST = 0.1
"""Requests a second that no refusal goes below."""
FASTEST = 1_000.0
"""Requests a second at which a limit that only the target made is forgotten."""
TICK = 0.2
"""Seconds. What comes in meanwhile may always go at once: a worker may be late."""


@dataclass(frozen=True, slots=True)
class Force:
    """`rate`: requests a second, None: any. `burst`: requests at once after a quiet time.
    `width`: requests under way at a time, in each worker. `lowered`: not by the operator."""

    rate: float | None
    burst: float
    width: int
    lowered: bool = False


def in_force(connector: OutboundConnector, row: ConnectorBudget | None, now: datetime) -> Force:
    """What holds at `now`. `row` is the connector's, if it has one."""
    configured = connector.requests_per_second or None
    if row is None or not is_current(row, connector):
        return Force(configured, _burst(configured, connector.burst), connector.concurrency)
    rates = [configured, _grown_rate(row, now), _spread(row, now)]
    rate = min((one for one in rates if one is not None), default=None)
    width = connector.concurrency
    if (grown := _grown(row.lowered_width, row, now)) is not None:
        width = max(1, min(width, int(grown)))
    lowered = rate != configured
    # A target that refuses does not want to be burst upon.
    burst = min(float(connector.burst), max(1.0, rate or 0.0)) if lowered else connector.burst
    return Force(rate, _burst(rate, burst), width, lowered or width < connector.concurrency)


def is_current(row: ConnectorBudget, connector: OutboundConnector) -> bool:
    """Whether the operator has set nothing else since the row was counted."""
    return settings_of(connector) == {name: getattr(row, name) for name in SETTINGS}


SETTINGS = {
    "rate": "requests_per_second",
    "burst": "burst",
    "concurrency": "concurrency",
    "daily_quota": "daily_quota",
}
"""The row's copies by the columns of the connector."""
COLUMNS = tuple(SETTINGS.values())


def settings_of(connector: OutboundConnector) -> dict[str, float]:
    return {name: getattr(connector, column) for name, column in SETTINGS.items()}


def has_limits(connector: OutboundConnector) -> bool:
    """Whether the operator set any that is counted."""
    return bool(connector.requests_per_second or connector.daily_quota)


def is_lowered(row: ConnectorBudget, now: datetime) -> bool:
    """Whether anything the target said still holds, or may be needed."""
    remembered = row.refused_until is not None and now < row.refused_until + FORGET
    return remembered or _grown_rate(row, now) is not None or _spread(row, now) is not None


FORGET = timedelta(minutes=10)
"""So long after the end of a pause without another refusal it is as if nothing had been."""


def _grown_rate(row: ConnectorBudget, now: datetime) -> float | None:
    grown = _grown(row.lowered_rate, row, now)
    return None if grown is None or grown >= FASTEST else grown


def _grown(lowered: float | None, row: ConnectorBudget, now: datetime) -> float | None:
    if lowered is None or row.lowered_at is None:
        return None
    minutes = max(0.0, (now - row.lowered_at).total_seconds() / 60)
    return float(lowered * GROWTH ** min(minutes, 1_000.0))


def _spread(row: ConnectorBudget, now: datetime) -> float | None:
    holds = row.spread_until is not None and now < row.spread_until
    rate: float | None = row.spread_rate
    return rate if holds else None


def _burst(rate: float | None, burst: float) -> float:
    return max(1.0, float(burst), (rate or 0.0) * TICK)
