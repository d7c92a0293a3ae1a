"""One decision under way: what it may read, what it may cost, what it has met."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from provisioning.rules import limits, temporal
from provisioning.rules.errors import Exhausted, Indeterminate
from provisioning.rules.outcomes import DETERMINATE, Outcome

if TYPE_CHECKING:
    from provisioning.rules.request import Request

Step = tuple[Outcome, Any]


class Evaluation:
    """Belongs to one call of `decide`; policies and requests are never changed by it.

    `trail` holds what rules and policies came to, `duties` their obligations and advice,
    `policies` the identifiers of those that applied. Whoever evaluates something remembers
    how long these were, and cuts off what its own outcome does not carry on.
    """

    __slots__ = (
        "_clock",
        "_now",
        "_zone",
        "bags",
        "duties",
        "errors",
        "policies",
        "request",
        "trail",
        "used_clock",
        "variables",
        "work",
    )

    def __init__(self, request: Request, now: datetime | None, work: int = limits.WORK) -> None:
        self.request = request
        self.bags: Mapping[Any, tuple[Any, ...]] = request.bags
        self.work = work
        self.used_clock = False
        self.trail: list[Step] = []
        self.duties: list[Step] = []
        self.policies: list[Any] = []
        self.errors: list[Indeterminate] = []
        self.variables: dict[object, Any] = {}
        self._now = now
        self._zone: int | None = None
        self._clock: dict[str, temporal.Moment] | None = None

    def spend(self, work: int) -> None:
        """Raises `Exhausted`."""
        self.work -= work
        if self.work < 0:
            raise Exhausted("the decision takes too much work")

    @property
    def now(self) -> datetime:
        if self._now is None:
            self._now = datetime.now(UTC)
        return self._now

    @property
    def zone(self) -> int:
        """Minutes east of Greenwich, for values that say no time zone."""
        if self._zone is None:
            offset = self.now.utcoffset()
            self._zone = round(offset.total_seconds() / 60) if offset else 0
        return self._zone

    @property
    def clock(self) -> dict[str, temporal.Moment]:
        if self._clock is None:
            now = self.now
            self._clock = temporal.clock(now if now.tzinfo else now.replace(tzinfo=UTC))
        return self._clock


def keep(steps: list[Step], mark: int, outcome: Outcome) -> None:
    """Cut off the steps after the mark that did not lead to that outcome."""
    if len(steps) == mark:
        return
    if outcome in DETERMINATE:
        steps[mark:] = [step for step in steps[mark:] if step[0] is outcome]
    else:
        steps[mark:] = [step for step in steps[mark:] if step[0] not in DETERMINATE]
