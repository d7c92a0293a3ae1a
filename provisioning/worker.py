"""The worker: claims batches per connector, drives many requests at a time, settles in bulk.

One thread owns the database; a pool of threads does nothing but HTTP. Stopping hands back
what was not started and waits for what is under way, so a deploy loses and repeats nothing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Container, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from provisioning import courier, housekeeping, ticks
from provisioning.delivery.lanes import Finished, Lane
from provisioning.delivery.returns import Returns
from provisioning.outbox import claiming, gating, settling

log = logging.getLogger(__name__)

POLL = 1.0
"""Seconds between looks when nobody wakes us."""

SHORTEST = 0.05
"""Seconds between looks, at least, when a budget tells when there will be more."""

LINGER = 0.1
"""Seconds to wait for more answers to write together, while the threads have enough to do."""

ENOUGH = 250
"""So many are written without waiting for more."""

RENEW = claiming.LEASE.total_seconds() / 4


def run(
    stop: threading.Event | None = None,
    *,
    wake_fd: int | None = None,
    once: bool = False,
    threads: int | None = None,
) -> None:
    """Work until `stop` is set; with `once`, until nothing is due: neither for targets nor
    for those who are told of it."""
    worker = Worker(stop or threading.Event(), threads or settings.PURVEYOR_WORKER_THREADS)
    if once:
        worker.run(wake_fd=wake_fd, once=True)
        courier.work_off()
        return
    telling = courier.Courier()
    telling.start()
    try:
        worker.run(wake_fd=wake_fd)
    finally:
        telling.stop()


class Worker:
    def __init__(self, stop: threading.Event, threads: int) -> None:
        self.stop = stop
        self.threads = threads
        self.events: Returns[Finished] = Returns()
        self.lanes: dict[uuid.UUID, Lane] = {}
        self.unsettled: list[Finished] = []
        self.look_again = True
        self.away = False
        self.paced = False
        self.next_look = 0.0
        self.next_renewal = time.monotonic() + RENEW

    def run(self, *, wake_fd: int | None = None, once: bool = False) -> None:
        if wake_fd is not None:
            threading.Thread(target=self._listen, args=(wake_fd,), daemon=True).start()
        pool = ThreadPoolExecutor(self.threads, thread_name_prefix="delivery")
        try:
            while not self.stop.is_set():
                if not self._turn(pool, once):
                    break
        finally:
            self._drain(pool)

    def wake(self) -> None:
        self.look_again = True
        self.events.ring()

    def _turn(self, pool: ThreadPoolExecutor, once: bool) -> bool:
        """One round; False when `once` and there is nothing left to do."""
        try:
            close_old_connections()
            self._look(pool)
            if self.away:
                log.warning("the database answers again")
                self.away = False
            ticks.run_due(housekeeping.OF_WORKERS)
            busy = any(lane.busy or lane.seating.waiting for lane in self.lanes.values())
            if once and not busy and not self.unsettled and self.events.empty():
                return False
            self._gather(busy)
            # First: leases must not run out because what has ended cannot be written.
            self._renew()
            if any(lane.hungry for lane in self.lanes.values()):
                # Before what has come is written: threads go on meanwhile.
                self.look_again = True
                self._look(pool)
            self._settle()
            for lane in self.lanes.values():
                self.look_again |= lane.hand_back()
                lane.seating.keep(busy=lane.busy)
        except (DatabaseError, InterfaceError):
            # What is under way goes on; leases run out only if the database stays away.
            if not self.away:
                log.exception("the database did not answer; trying again every second")
            self.away = True
            self.stop.wait(POLL)
        return True

    def _look(self, pool: ThreadPoolExecutor) -> None:
        if self.look_again or time.monotonic() >= self.next_look:
            self.look_again = False
            self.next_look = time.monotonic() + POLL
            now = timezone.now()
            workable = claiming.workable(now).select_related("provider__tenant", "spent")
            some = workable.prefetch_related("provider__role_mappings", "seats")
            connectors, opens = gating.open_at(some, now)
            if opens is not None:
                left = (opens - now).total_seconds()
                self.next_look = min(self.next_look, time.monotonic() + left)
            seen = {}
            for connector in connectors:
                lane = self.lanes.setdefault(connector.pk, Lane(self.events))
                lane.refill(connector, self.threads)
                seen[connector.pk] = lane
            self._shut(seen)
            for pk, lane in self.lanes.items():
                if pk not in seen:
                    lane.seating.give_up()
            self._look_when_there_is_more(seen.values())
        for lane in self.lanes.values():
            lane.start(pool)

    def _shut(self, seen: Container[object]) -> None:
        """Other workers may have heard that nothing more should go to a target."""
        late = [pk for pk, lane in self.lanes.items() if lane.lags and pk not in seen]
        if late:
            sendable = claiming.sendable(timezone.now()).filter(pk__in=late)
            may = set(sendable.values_list("pk", flat=True))
            for pk in late:
                if pk not in may:
                    self.lanes[pk].unload()

    def _look_when_there_is_more(self, lanes: Iterable[Lane]) -> None:
        """Budgets come in steadily; nobody sleeps for them."""
        now = timezone.now()
        waits = [(lane.again - now).total_seconds() for lane in lanes if lane.again]
        soonest = min(waits, default=POLL)
        self.paced = soonest < POLL
        if self.paced:
            soon = time.monotonic() + max(SHORTEST, soonest)
            self.next_look = min(self.next_look, soon)

    def _gather(self, busy: bool) -> None:
        """Wait for an answer or a wake-up, then take everything that has come."""
        timeout = POLL
        if not busy or self.paced:
            timeout = max(0.0, min(POLL, self.next_look - time.monotonic()))
        self.unsettled += self.events.take(1, timeout)
        if self.unsettled and not self.look_again and self._fed():
            self.unsettled += self.events.take(ENOUGH - len(self.unsettled), LINGER)

    def _fed(self) -> bool:
        """Whether nobody would miss us for a while."""
        return all(lane.fed for lane in self.lanes.values() if lane.busy)

    def _settle(self) -> None:
        by_lane: dict[Lane, list[Finished]] = {}
        for finished in self.unsettled:
            by_lane.setdefault(finished.batch.lane, []).append(finished)
        for lane, finished_ones in by_lane.items():
            others = [one for one in self.unsettled if one.batch.lane is not lane]
            over = lane.next_steps(finished_ones)
            # Should the database fail now, only what is over is tried again.
            self.unsettled = others + over
            self._write(over)
            lane.forget(over)
            self.unsettled = others
            # What waited for these may go now: when there is room for it.
            self.look_again |= not lane.full

    def _write(self, over: Sequence[Finished]) -> None:
        """One transaction for all that were sent under the same settings."""
        alike: dict[int, list[Finished]] = {}
        for one in over:
            alike.setdefault(one.batch.connector.revision, []).append(one)
        for same in alike.values():
            settling.settle(same[-1].batch.connector, [one.report for one in same])

    def _renew(self) -> None:
        if time.monotonic() < self.next_renewal:
            return
        self.next_renewal = time.monotonic() + RENEW
        for lane in self.lanes.values():
            lane.renew()

    def _drain(self, pool: ThreadPoolExecutor) -> None:
        """Others get at once what no thread has begun; what has begun is finished."""
        for lane in self.lanes.values():
            lane.stop()
        for lane in self.lanes.values():
            _written(lane.hand_back)
        pool.shutdown(wait=True)
        self.unsettled += self.events.take(1, 0)
        for lane in {one.batch.lane for one in self.unsettled}:
            _written(partial(self._settle_last, lane))
        for lane in self.lanes.values():
            _written(lane.seating.leave)

    def _settle_last(self, lane: Lane) -> None:
        self._write(lane.last_steps([one for one in self.unsettled if one.batch.lane is lane]))

    def _listen(self, wake_fd: int) -> None:
        """Wake-ups from the web processes; the pipe closes when they are gone."""
        while os.read(wake_fd, 4096):
            self.wake()
        self.stop.set()
        self.wake()


def _written(write: Callable[[], object]) -> None:
    """Write, once more if the connection has broken; else leases run out in their time."""
    for _ in range(2):
        try:
            close_old_connections()
            write()
            return
        except (DatabaseError, InterfaceError):
            log.exception("the database did not answer while stopping")
