"""Reckoning with a budget's row: what has come in, what may go, and when there is more."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from idp.models import OutboundConnector
from provisioning.budgets.force import Force, in_force, is_current, settings_of
from provisioning.models import ConnectorBudget

CREDIT = 10
"""Requests a job may make beyond what it was given, so that it need not stop half done.
One that needs more, such as a group with many members, goes on when they are paid."""
MOST_A_JOB = 20.0
_ROUNDING = 1e-6
_MOMENT = timedelta(milliseconds=1)
_LONGEST = 366 * 86_400.0


class Purse:
    """A row with its connector, at one moment. `urgent`: somebody waits for the answer; such
    a job goes on credit, and the others wait the longer."""

    def __init__(
        self, connector: OutboundConnector, row: ConnectorBudget, zone: str, now: datetime
    ) -> None:
        self.connector = connector
        self.row = row
        self.now = now
        self._zone = zone_of(zone)
        if not is_current(row, connector):
            _begin_anew(row, connector, now)
        self.force: Force = in_force(connector, row, now)
        self._come_in()

    def _come_in(self) -> None:
        """Add what time has brought. Clocks differ: never for the same time twice."""
        row, force = self.row, self.force
        if force.rate is not None:
            seconds = max(0.0, (self.now - row.counted_at).total_seconds())
            row.tokens = min(force.burst, row.tokens + seconds * force.rate)
        row.counted_at = max(row.counted_at, self.now)
        if (today := self.today) > row.day:
            row.day, row.used = today, 0.0

    @property
    def today(self) -> date:
        return self.now.astimezone(self._zone).date()

    @property
    def left_today(self) -> float | None:
        quota = self.connector.daily_quota
        return max(0.0, quota - self.row.used) if quota else None

    def jobs(self, wanted: int, *, urgent: bool = False) -> int:
        """How many jobs may begin now."""
        row = self.row
        if self.force.rate is not None:
            have = row.tokens + (self.force.burst if urgent else 0.0)
            wanted = min(wanted, _share(have, self._needed, row.cost))
        if (left := self.left_today) is not None:
            wanted = min(wanted, _share(left, 1.0, row.cost))
        return wanted

    @property
    def _needed(self) -> float:
        """For a job to begin: a dear one when all has come in that ever will."""
        return min(self.row.cost, self.force.burst)

    def take(self, jobs: int) -> float:
        """Pay for jobs in advance; what each gets."""
        self.spend(jobs * self.row.cost)
        return self.row.cost

    def spend(self, requests: float) -> None:
        """Below zero: give back."""
        if self.force.rate is not None:
            self.row.tokens -= requests
        self.row.used = max(0.0, self.row.used + requests)

    def learn_cost(self, requests: int, jobs: int) -> None:
        """Move towards what these jobs needed on average."""
        if jobs:
            weight = min(1.0, jobs / 20)
            cost = self.row.cost + (requests / jobs - self.row.cost) * weight
            self.row.cost = min(max(cost, 1.0), MOST_A_JOB)

    def next_at(self) -> datetime | None:
        """When the next job may begin; None: now."""
        moments = [self._rate_allows(), self._quota_allows()]
        return max((moment for moment in moments if moment is not None), default=None)

    def _rate_allows(self) -> datetime | None:
        lacking = self._needed - self.row.tokens
        if self.force.rate is None or lacking <= _ROUNDING:
            return None
        seconds = min(lacking / self.force.rate, _LONGEST)
        return self.row.counted_at + timedelta(seconds=seconds) + _MOMENT

    def _quota_allows(self) -> datetime | None:
        left = self.left_today
        return None if left is None or left >= 1 - _ROUNDING else self.next_day()

    def next_day(self) -> datetime:
        return datetime.combine(self.row.day + timedelta(days=1), time.min, self._zone)


def zone_of(name: str) -> ZoneInfo:
    """UTC where this machine does not know the zone: delivery goes on."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def fresh(connector: OutboundConnector, zone: str, now: datetime) -> ConnectorBudget:
    """A row for a connector of which nothing has been counted yet."""
    return ConnectorBudget(
        connector=connector,
        **settings_of(connector),
        tokens=in_force(connector, None, now).burst,
        counted_at=now,
        day=now.astimezone(zone_of(zone)).date(),
    )


def _begin_anew(row: ConnectorBudget, connector: OutboundConnector, now: datetime) -> None:
    """The operator has set another budget: what was lowered is forgotten, what was spent
    today is not."""
    force = in_force(connector, None, now)
    row.tokens = force.burst if row.rate == 0 else min(row.tokens, force.burst)
    for name, value in settings_of(connector).items():
        setattr(row, name, value)
    row.lowered_rate = row.lowered_width = row.lowered_at = None
    row.spread_rate = row.spread_until = row.refused_until = row.next_at = None
    row.lowered_because, row.sent_since = "", 0


def _share(have: float, needed: float, cost: float) -> int:
    """How many times `cost` is there; one, when it is at least what is needed for one."""
    if have < needed - _ROUNDING:
        return 0
    return max(1, int(have / cost + _ROUNDING))
