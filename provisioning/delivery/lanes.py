"""A connector's lane in a worker: what is leased, what is under way, what came back."""

from __future__ import annotations

import math
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from idp.models import OutboundConnector, new_id
from provisioning import budgets
from provisioning.budgets import seats
from provisioning.delivery import loading, senders
from provisioning.delivery.resolving import next_step
from provisioning.delivery.returns import Returns
from provisioning.delivery.seating import Seating
from provisioning.outbox import claiming, gating
from provisioning.parcels import Parcel, Report

FEWEST = 4
"""Jobs leased at a time, at least, for each thread that may send."""

MOST = 400
"""Jobs leased at a time, at most."""

LASTS = 0.5
"""Seconds that what is leased at a time should last; less, and twice as much is leased."""

SLICE = 0.02
"""Seconds after which a thread turns to the next lane."""


@dataclass(eq=False, slots=True)
class Batch:
    """Jobs leased together. `ends` is when their lease runs out, `closes` when maintenance
    begins, on our monotonic clock; `prepaid` is what each took from the connector's budget."""

    lane: Lane
    connector: OutboundConnector
    token: uuid.UUID
    ends: float
    closes: float = math.inf
    unfinished: set[uuid.UUID] = field(default_factory=set)
    prepaid: float = 0.0

    def seconds_left(self) -> float:
        return self.ends - time.monotonic()


@dataclass(frozen=True, slots=True)
class Finished:
    batch: Batch
    report: Report


class Lane:
    """Used by the worker's own thread; only `_send_some` and what it calls run in the pool.

    Threads take parcels from `backlog` themselves, so none waits for the worker's thread
    while that one writes.
    """

    def __init__(self, events: Returns[Finished]) -> None:
        self.events = events
        self.backlog: deque[tuple[Batch, Parcel]] = deque()
        self.batches: list[Batch] = []
        self._unwanted: list[tuple[Batch, uuid.UUID]] = []
        self._doubtful: list[uuid.UUID] = []
        self._lock = threading.Lock()
        self._senders = 0
        self._stopped = False
        self._width = 1
        self._size = 0
        self._low = 0
        self._leased_at = 0.0
        self._budget: dict[str, float] = {}
        self.seating = Seating()
        self.again: datetime | None = None
        """When the budget allows more, if it is why nothing more was leased."""

    @property
    def busy(self) -> bool:
        """Whether anything is leased that is not settled."""
        return bool(self.batches)

    @property
    def fed(self) -> bool:
        """Whether threads are sending, and have enough to do for a while."""
        return self._senders > 0 and len(self.backlog) > self._low

    @property
    def hungry(self) -> bool:
        """Whether threads are about to run out of what the queue has more of."""
        return 0 < self._low >= len(self.backlog)

    @property
    def lags(self) -> bool:
        """Whether what was leased a while ago still waits to be sent."""
        return bool(self.backlog) and time.monotonic() - self._leased_at > 2 * LASTS

    @property
    def full(self) -> bool:
        """Whether more than half of what was leased last waits to be sent."""
        return len(self.backlog) > self._size // 2

    def refill(self, connector: OutboundConnector, threads: int) -> None:
        """Lease more, unless it is full."""
        now = timezone.now()
        width = budgets.in_force(connector, budgets.row_of(connector), now).width
        if self._budget != (budget := budgets.settings_of(connector)):
            # The operator has set another: what is leased was counted by the old one.
            self.unload()
            self._budget = budget
        self.again = budgets.waits_until(connector, now)
        asking = self.seating.asking(threads, self._senders)
        if self.busy or self.seating.waiting:
            self._sit(self.seating.move_up(connector, width, asking))
        if self.full or self._stopped or self._unwanted or self.again or self.seating.waiting:
            return
        size = self._next_size(max(1, min(width, threads)))
        claimed = self._claim(connector, size, None if self.busy else asking)
        self.again = claimed.again
        if claimed.granted is not None:
            self._sit(claimed.granted)
        # While the queue has more, the worker is called when half is sent.
        self._low = size // 2 if len(claimed.jobs) == size else 0

    def _claim(
        self, connector: OutboundConnector, size: int, asking: seats.Asking | None
    ) -> claiming.Claim:
        """Lease, and read what is needed to send."""
        token = new_id()
        self._doubtful.append(token)
        claimed = claiming.claim(connector, size, token=token, asking=asking)
        if claimed.jobs:
            ends = time.monotonic() + claiming.LEASE.total_seconds()
            closes = time.monotonic() + gating.seconds_open(connector, timezone.now())
            ids = {job.pk for job in claimed.jobs}
            batch = Batch(self, connector, token, ends, closes, ids, claimed.prepaid)
            parcels, reports = loading.load(connector, claimed.jobs)
            self.batches.append(batch)
            self.backlog.extend((batch, parcel) for parcel in parcels)
            for report in reports:
                self.events.put(Finished(batch, report))
        self._doubtful.remove(token)
        return claimed

    def _sit(self, granted: int) -> None:
        """Who has no seat sends nothing: somebody else may take what is leased."""
        self.seating.sit(granted)
        self._width = granted
        if not granted:
            self.unload()

    def _next_size(self, width: int) -> int:
        """Twice as much when the last lease was used up at once, half when it lasted long."""
        now = time.monotonic()
        took, self._leased_at = now - self._leased_at, now
        if self._low and took < LASTS:
            self._size *= 2
        elif took > 4 * LASTS:
            self._size //= 2
        self._size = min(max(self._size, FEWEST * width), MOST)
        return self._size

    def start(self, pool: ThreadPoolExecutor) -> None:
        """Have as many threads send as there may, and as there is something for."""
        with self._lock:
            more = min(self._width - self._senders, len(self.backlog))
            self._senders += max(0, more)
        for _ in range(more):
            pool.submit(self._send_some, pool)

    def _send_some(self, pool: ThreadPoolExecutor) -> None:
        """In a pool thread: parcel by parcel, then it is another lane's turn."""
        ends = time.monotonic() + SLICE
        while taken := self._taken():
            batch, parcel = taken
            report = senders.attempt(parcel, batch.seconds_left)
            if report.stops:
                self.stop()
            self.events.put(Finished(batch, report), urgent=report.stops)
            if time.monotonic() > ends and self._queued_again(pool):
                return

    def _taken(self) -> tuple[Batch, Parcel] | None:
        """The next parcel; None ends the thread's work here."""
        with self._lock:
            if self.backlog and self.backlog[0][0].closes <= time.monotonic():
                self._drop()
            if self.backlog and self._senders <= self._width:
                taken = self.backlog.popleft()
                hurry = len(self.backlog) == self._low
            else:
                taken = None
                self._senders -= 1
                hurry = not self._senders
        if hurry:
            self.events.ring()
        return taken

    def _queued_again(self, pool: ThreadPoolExecutor) -> bool:
        try:
            pool.submit(self._send_some, pool)
        except RuntimeError:  # the worker stops: the backlog is handed back
            return False
        return True

    def next_steps(self, finished: Sequence[Finished]) -> list[Finished]:
        """Send again what needs another step; the rest is over and ready to settle."""
        steps = [(one.batch, next_step(one.report)) for one in finished]
        for batch, step in steps:
            if isinstance(step, Parcel) and self._stopped:
                # As much as with the others: it begins anew when something may go again.
                claiming.hand_back(batch.token, [step.job.pk])
                batch.unfinished.discard(step.job.pk)
            elif isinstance(step, Parcel):
                self.backlog.appendleft((batch, step))
        return [Finished(batch, step) for batch, step in steps if isinstance(step, Report)]

    def forget(self, settled: Sequence[Finished]) -> None:
        """Jobs that are over: their lease is not renewed any more."""
        for one in settled:
            one.batch.unfinished.discard(one.report.parcel.job.pk)
        self.batches = [batch for batch in self.batches if batch.unfinished]
        if any(one.report.stops for one in settled):
            self._stopped = False

    def renew(self) -> None:
        for batch in self.batches:
            claiming.renew(batch.token, list(batch.unfinished))
            batch.ends = time.monotonic() + claiming.LEASE.total_seconds()

    def last_steps(self, finished: Sequence[Finished]) -> list[Finished]:
        """The worker stops: what needs another step goes back to the queue, with what the
        target took already."""
        over = []
        for one in finished:
            if one.report.conflict is not None:
                claiming.hand_back(one.batch.token, [one.report.parcel.job.pk])
            else:
                over.append(one)
        return over

    def stop(self) -> None:
        """No thread begins anything more of what is leased now, and nothing is leased until
        why is written down."""
        with self._lock:
            self._stopped = True
            self._drop()

    def unload(self) -> None:
        """What is leased and not begun is to be handed back."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        self._low = 0
        self._unwanted += [(batch, parcel.job.pk) for batch, parcel in self.backlog]
        self.backlog.clear()

    def hand_back(self) -> bool:
        """Give back what `stop` kept from being sent, and what the database leased to us
        without our hearing of it, or before we could read it. Whether there was any of
        what was kept."""
        while self._doubtful:
            claiming.hand_back(self._doubtful[-1])
            self._doubtful.pop()
        if not self._unwanted:
            return False
        for batch in self.batches:
            ids = [pk for owner, pk in self._unwanted if owner is batch]
            claiming.hand_back(
                batch.token, ids, connector=batch.connector, prepaid=batch.prepaid
            )
            batch.unfinished.difference_update(ids)
        self._unwanted.clear()
        self.batches = [batch for batch in self.batches if batch.unfinished]
        return True
