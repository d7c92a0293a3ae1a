"""A lane's seats: how many requests it may have under way, as the other workers let it."""

from __future__ import annotations

import time

from django.utils import timezone

from idp.models import OutboundConnector, new_id
from provisioning.budgets import seats
from provisioning.outbox import claiming

STAY = seats.ALIVE.total_seconds() / 4


class Seating:
    """`waiting`: there is something to do, and somebody else has all the seats."""

    def __init__(self) -> None:
        self.waiting = False
        self._worker = new_id()
        self._seated = False
        self._stay_at = 0.0

    def asking(self, threads: int, used: int) -> seats.Asking:
        return seats.Asking(self._worker, threads, used)

    def move_up(self, connector: OutboundConnector, width: int, asking: seats.Asking) -> int:
        """How many seats the others leave, by what was read with the connector; the database
        is asked where it knows something else of us."""
        rows = connector.seats.all()
        place = seats.seated(width, asking, rows, timezone.now())
        if seats.is_news(place, asking, rows):
            return claiming.sit(connector, asking)
        return place.granted

    def sit(self, granted: int) -> None:
        self.waiting = not granted
        if not self._seated:
            self._seated, self._stay_at = True, time.monotonic() + STAY

    def give_up(self) -> None:
        """Nothing is there to wait for."""
        self.waiting = False

    def keep(self, *, busy: bool) -> None:
        """Let the others know that we are here; or leave, when there is nothing to do."""
        if not self._seated:
            return
        if not busy and not self.waiting:
            self.leave()
        elif time.monotonic() >= self._stay_at:
            seats.stay(self._worker, timezone.now())
            self._stay_at = time.monotonic() + STAY

    def leave(self) -> None:
        if self._seated:
            seats.leave(self._worker)
            self._seated = False
