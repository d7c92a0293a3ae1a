"""A connector's budget as it is now, in numbers and words, and how long its queue is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from idp.models import OutboundConnector
from provisioning.budgets.force import Force, is_current
from provisioning.budgets.purse import Purse, fresh, zone_of
from provisioning.budgets.waiting import row_of
from provisioning.models import ConnectorHealth

A_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Live:
    """`force` is what holds now. `used_today` is 0 where nothing is counted. `paused_until`:
    the target asked for it. `goes_on_at`: when the budget allows the next request. `eta`:
    seconds until the queue is empty; None when the budget does not say."""

    connector: OutboundConnector
    force: Force
    used_today: int
    left_today: int | None
    paused_until: datetime | None
    goes_on_at: datetime | None
    lowered_because: str
    eta: float | None

    @property
    def paused_seconds(self) -> float:
        if self.paused_until is None:
            return 0.0
        return max(0.0, (self.paused_until - timezone.now()).total_seconds())

    @property
    def stops(self) -> bool:
        """Whether nothing goes for a while, somebody who waits included."""
        return self.paused_until is not None or self.left_today == 0

    @property
    def is_limited(self) -> bool:
        return self.force.rate is not None or bool(self.connector.daily_quota)

    def words(self) -> list[str]:
        """What an operator should know, a sentence each; nothing while all is as it was set."""
        return list(self._words())

    def _words(self) -> Iterator[str]:
        zone = zone_of(self.connector.provider.tenant.time_zone)
        if self.paused_until is not None:
            until = self.paused_until.astimezone(zone)
            yield f"The target asked to wait until {until:%Y-%m-%d %H:%M:%S}."
        if self.left_today == 0 and self.goes_on_at is not None:
            until = self.goes_on_at.astimezone(zone)
            yield (
                f"All {self.connector.daily_quota} requests of today are used; "
                f"it goes on at {until:%Y-%m-%d %H:%M}."
            )
        if self.force.lowered:
            yield f"Fewer requests than set: {self.lowered_because}."

    def document(self) -> dict[str, Any]:
        """For JSON; the numbers that were set are the connector's own."""
        return {
            "requests_per_second": self.force.rate,
            "concurrency": self.force.width,
            "lowered_because": self.lowered_because if self.force.lowered else "",
            "used_today": self.used_today,
            "left_today": self.left_today,
            "paused_until": _iso(self.paused_until),
            "goes_on_at": _iso(self.goes_on_at),
        }


def live(
    connector: OutboundConnector,
    health: ConnectorHealth | None,
    queued: int,
    *,
    sends: bool,
    now: datetime | None = None,
) -> Live:
    """`queued` jobs wait; `sends`: nothing else keeps them from going. Asks the database
    nothing when the budget was read with the connector. Changes nothing."""
    now = now or timezone.now()
    zone = connector.provider.tenant.time_zone
    row = row_of(connector)
    spread = row is not None and row.spread_until is not None and now < row.spread_until
    because = row.lowered_because if row is not None and is_current(row, connector) else ""
    purse = Purse(connector, row or fresh(connector, zone, now), zone, now)
    paused = health.paused_until if health is not None else None
    paused = paused if paused is not None and paused > now else None
    left = purse.left_today
    return Live(
        connector=connector,
        force=purse.force,
        used_today=round(purse.row.used),
        left_today=None if left is None else int(left),
        paused_until=paused,
        goes_on_at=purse.next_at(),
        lowered_because=SPREAD if spread and not because else because,
        eta=_eta(purse, queued, paused) if sends else None,
    )


SPREAD = "the target says that few are left, and they are spread over the time until it resets"


def _eta(purse: Purse, queued: int, paused_until: datetime | None) -> float | None:
    """By what holds now: a rate that was lowered will grow, so it may be less."""
    force, left = purse.force, purse.left_today
    if not queued:
        return 0.0
    if force.rate is None and left is None:
        return None
    requests = queued * purse.row.cost
    wait = (paused_until - purse.now).total_seconds() if paused_until is not None else 0.0
    by_rate = max(0.0, requests - purse.row.tokens) / force.rate if force.rate else 0.0
    return math.ceil(max(wait + by_rate, _by_quota(purse, requests, left)))


def _by_quota(purse: Purse, requests: float, left: float | None) -> float:
    if left is None or requests <= left:
        return 0.0
    to_midnight = (purse.next_day() - purse.now).total_seconds()
    quota = purse.connector.daily_quota
    days = math.ceil((requests - left) / quota) - 1
    last = requests - left - days * quota
    return to_midnight + days * A_DAY + (last / purse.force.rate if purse.force.rate else 0.0)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
