"""A connector's lane in a worker: what is leased, what is under way, what came back."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from connectors import Connector, ConnectorIsWrong
from idp.models import OutboundConnector
from provisioning import targets
from provisioning.delivery import loading
from provisioning.delivery.resolving import next_step
from provisioning.delivery.sending import broken, send
from provisioning.outbox import claiming
from provisioning.parcels import Parcel, Report

BATCH = 4
"""How many jobs are leased for each request that may run at a time."""


@dataclass(eq=False, slots=True)
class Batch:
    """Jobs leased together. `ends` is when their lease runs out, on our monotonic clock."""

    lane: Lane
    connector: OutboundConnector
    token: uuid.UUID
    ends: float
    unfinished: set[uuid.UUID] = field(default_factory=set)

    def seconds_left(self) -> float:
        return self.ends - time.monotonic()


@dataclass(frozen=True, slots=True)
class Finished:
    """`sent`: it occupied a place in the lane; otherwise it was over before sending."""

    batch: Batch
    report: Report
    sent: bool = True


class Lane:
    """Used by the worker's own thread; only `_send` runs in the pool."""

    def __init__(self, events: queue.Queue[Finished | None]) -> None:
        self.events = events
        self.backlog: deque[tuple[Batch, Parcel]] = deque()
        self.batches: list[Batch] = []
        self.under_way: dict[uuid.UUID, tuple[Batch, Future[None]]] = {}
        self.concurrency = 1

    @property
    def in_flight(self) -> int:
        return len(self.under_way)

    def refill(self, connector: OutboundConnector) -> None:
        """Lease more when little is left to start."""
        self.concurrency = max(1, connector.concurrency)
        if len(self.backlog) >= self.concurrency:
            return
        claimed = claiming.claim(connector, self.concurrency * BATCH)
        if not claimed.jobs:
            return
        ends = time.monotonic() + claiming.LEASE.total_seconds()
        batch = Batch(self, connector, claimed.token, ends, {job.pk for job in claimed.jobs})
        self.batches.append(batch)
        parcels, reports = loading.load(connector, claimed.jobs)
        self.backlog.extend((batch, parcel) for parcel in parcels)
        for report in reports:
            self.events.put(Finished(batch, report, sent=False))

    def start(self, pool: ThreadPoolExecutor) -> None:
        while self.backlog and self.in_flight < self.concurrency:
            batch, parcel = self.backlog.popleft()
            future = pool.submit(_send, self, batch, parcel)
            self.under_way[parcel.job.pk] = batch, future

    def next_steps(self, finished: Sequence[Finished]) -> list[Finished]:
        """Send again what needs another step; the rest is over and ready to settle."""
        over: list[Finished] = []
        for one in finished:
            step = next_step(one.report)
            if isinstance(step, Parcel):
                self.backlog.appendleft((one.batch, step))
            else:
                # Its place in the lane is freed by the caller; a second look takes none.
                over.append(Finished(one.batch, step, sent=False))
        return over

    def free(self, finished: Sequence[Finished]) -> None:
        """Answers that have come: their places in the lane are free."""
        for one in finished:
            if one.sent:
                self.under_way.pop(one.report.parcel.job.pk, None)

    def forget(self, settled: Sequence[Finished]) -> None:
        """Jobs that are over: their lease is not renewed any more."""
        for one in settled:
            one.batch.unfinished.discard(one.report.parcel.job.pk)
        self.batches = [batch for batch in self.batches if batch.unfinished]

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

    def hand_back(self) -> None:
        """Give back what was not started: it waits here, or no thread came to it."""
        cancelled = [
            (b, pk) for pk, (b, future) in self.under_way.items() if future.cancelled()
        ]
        waiting = [(batch, parcel.job.pk) for batch, parcel in self.backlog] + cancelled
        for batch in self.batches:
            claiming.hand_back(batch.token, [pk for owner, pk in waiting if owner is batch])
        self.backlog.clear()


_thread = threading.local()


def _send(lane: Lane, batch: Batch, parcel: Parcel) -> None:
    """In a pool thread: one attempt, whatever happens an answer."""
    try:
        connector = _opened(batch)
        report = send(parcel, connector)
    except ConnectorIsWrong as error:
        report = broken(parcel, error)
    lane.events.put(Finished(batch, report))


def _opened(batch: Batch) -> Connector:
    """This thread's connector for that configuration; connections are kept alive."""
    opened: dict[uuid.UUID, tuple[int, Turn, Connector]] = getattr(_thread, "opened", {})
    _thread.opened = opened
    known = opened.get(batch.connector.pk)
    if known is None or known[0] != batch.connector.revision:
        turn = Turn()
        connector = targets.open_connector(batch.connector, turn.seconds_left)
        known = (batch.connector.revision, turn, connector)
        opened[batch.connector.pk] = known
    known[1].batch = batch
    return known[2]


class Turn:
    """Whose lease a thread's connector works under just now."""

    batch: Batch | None = None

    def seconds_left(self) -> float:
        return self.batch.seconds_left() if self.batch else 0.0
