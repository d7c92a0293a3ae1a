"""After the attempts: what they did cost, and what the target said about its limits.

A refusal pauses (`health`). It lowers the rate, by half, only when the target refuses again
a request that was begun within a minute after that pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.rate_limits import RateLimit
from idp.models import OutboundConnector
from provisioning.budgets.force import SLOWEST, has_limits, is_lowered
from provisioning.budgets.purse import Purse
from provisioning.budgets.taking import locked, made, store

AGAIN = timedelta(minutes=1)
"""A refusal so soon after a pause says that it is the rate that is too high."""
SCARCE = 0.1
"""When so little is left of what the target allows, it is spread over the time left."""
SCARCE_COUNT = 10
"""… or so few requests, where the target does not say of how many."""


@dataclass(frozen=True, slots=True)
class Spent:
    """One attempt. `pause`: seconds the target asked to wait, when it refused because of a
    limit. `prepaid`: what the claim took for it."""

    requests: int
    started: datetime
    metered: bool = False
    prepaid: float = 0.0
    pause: float | None = None
    limit: RateLimit | None = None


def settle(connector: OutboundConnector, attempts: Sequence[Spent], now: datetime) -> None:
    """In the transaction that writes what became of the jobs. Asks the database nothing
    while there are no limits and the target says nothing of any."""
    if not (any(one.metered for one in attempts) or _news(attempts)):
        return
    zone = connector.provider.tenant.time_zone
    row = locked(connector)
    # What the jobs were claimed under may be out of date.
    connector = row.connector if row is not None else connector
    if row is None and not (has_limits(connector) or _news(attempts)):
        return  # forgotten while the jobs were under way
    purse = Purse(connector, row or made(connector, zone, now), zone, now)
    sent = [one for one in attempts if one.requests]
    purse.learn_cost(sum(one.requests for one in sent), len(sent))
    purse.spend(sum(one.requests - one.prepaid for one in attempts))
    _note_limits(purse, attempts)
    _note_refusals(purse, attempts)
    if has_limits(connector) or is_lowered(purse.row, now):
        store(purse)
    else:
        purse.row.delete()


def _news(attempts: Sequence[Spent]) -> bool:
    return any(one.pause is not None or _scarce(one.limit) for one in attempts)


def _scarce(limit: RateLimit | None) -> bool:
    if limit is None or limit.reset <= 0:
        return False
    few = limit.limit * SCARCE if limit.limit else SCARCE_COUNT
    return limit.remaining < few


def _note_limits(purse: Purse, attempts: Sequence[Spent]) -> None:
    limits = [one.limit for one in attempts if one.limit is not None]
    if not limits:
        return
    least, row = min(limits, key=lambda limit: limit.remaining), purse.row
    row.spread_rate = row.spread_until = None
    if _scarce(least) and least.remaining:
        row.spread_rate = max(SLOWEST, least.remaining / least.reset)
        row.spread_until = purse.now + timedelta(seconds=least.reset)


def _note_refusals(purse: Purse, attempts: Sequence[Spent]) -> None:
    row, now = purse.row, purse.now
    before = row.refused_until
    if before is not None:
        row.sent_since += sum(one.requests for one in attempts if one.started >= before)
    pauses = [one for one in attempts if one.pause is not None]
    if not pauses:
        return
    if before is not None and any(before <= one.started <= before + AGAIN for one in pauses):
        _lower(purse, before)
    until = now + timedelta(seconds=max(one.pause or 0.0 for one in pauses))
    if before is None or until > before:
        row.refused_until, row.sent_since = until, 0
    if row.lowered_at is not None:
        row.lowered_at = max(row.lowered_at, until)  # it grows once requests go again


def _lower(purse: Purse, since: datetime) -> None:
    row, force = purse.row, purse.force
    seconds = max(1.0, (purse.now - since).total_seconds())
    rate = force.rate if force.rate is not None else row.sent_since / seconds
    row.lowered_rate = max(SLOWEST, rate / 2)
    row.lowered_width = max(1.0, force.width / 2)
    row.lowered_at = purse.now
    row.lowered_because = (
        f"refused again within a minute of the wait it had asked for, at "
        f"{rate:.3g} requests a second"
    )
