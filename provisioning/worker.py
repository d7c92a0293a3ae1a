"""The worker: claims batches per connector, drives many requests at a time, settles in bulk.

One thread owns the database; a pool of threads does nothing but HTTP. Stopping hands back
what was not started and waits for what is under way, so a deploy loses and repeats nothing.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from provisioning import housekeeping, ticks
from provisioning.delivery.lanes import Batch, Finished, Lane
from provisioning.outbox import claiming, settling

log = logging.getLogger(__name__)

POLL = 1.0
"""Seconds between looks when nobody wakes us."""

LINGER = 0.02
"""Seconds to wait for more answers to write together, while the threads have enough to do."""

RENEW = claiming.LEASE.total_seconds() / 4


def run(
    stop: threading.Event | None = None,
    *,
    wake_fd: int | None = None,
    once: bool = False,
    threads: int | None = None,
) -> None:
    """Work until `stop` is set; with `once`, until nothing is due."""
    Worker(stop or threading.Event(), threads or settings.PURVEYOR_WORKER_THREADS).run(
        wake_fd=wake_fd, once=once
    )


class Worker:
    def __init__(self, stop: threading.Event, threads: int) -> None:
        self.stop = stop
        self.threads = threads
        self.events: queue.Queue[Finished | None] = queue.Queue()
        self.lanes: dict[object, Lane] = {}
        self.unsettled: list[Finished] = []
        self.look_again = True
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
        self.events.put(None)

    def _turn(self, pool: ThreadPoolExecutor, once: bool) -> bool:
        """One round; False when `once` and there is nothing left to do."""
        try:
            close_old_connections()
            self._look(pool)
            ticks.run_due(housekeeping.TASKS)
            busy = any(lane.in_flight or lane.backlog for lane in self.lanes.values())
            if once and not busy and not self.unsettled and self.events.empty():
                return False
            self._gather(busy)
            # First: leases must not run out because what has ended cannot be written.
            self._renew()
            self._settle()
        except (DatabaseError, InterfaceError):
            # What is under way goes on; leases run out only if the database stays away.
            log.exception("the database did not answer; trying again")
            self.stop.wait(POLL)
        return True

    def _look(self, pool: ThreadPoolExecutor) -> None:
        if self.look_again or time.monotonic() >= self.next_look:
            self.look_again = False
            self.next_look = time.monotonic() + POLL
            workable = claiming.workable(timezone.now()).select_related("provider")
            for connector in workable.prefetch_related("provider__role_mappings"):
                lane = self.lanes.setdefault(connector.pk, Lane(self.events))
                lane.refill(connector)
        for lane in self.lanes.values():
            lane.start(pool)

    def _gather(self, busy: bool) -> None:
        """Wait for an answer or a wake-up, then take everything that has come."""
        timeout = max(0.0, min(POLL, self.next_look - time.monotonic())) if not busy else POLL
        try:
            event = self.events.get(timeout=timeout)
        except queue.Empty:
            return
        until = time.monotonic() + (LINGER if self._have_enough_to_do() else 0.0)
        while True:
            if event is None:
                self.look_again = True
            else:
                self.unsettled.append(event)
            left = until - time.monotonic()
            try:
                event = self.events.get(timeout=left) if left > 0 else self.events.get_nowait()
            except queue.Empty:
                return

    def _have_enough_to_do(self) -> bool:
        """Whether the threads would not miss us: as much waits for them as they can send."""
        return sum(lane.in_flight for lane in self.lanes.values()) > 2 * self.threads

    def _settle(self) -> None:
        by_batch: dict[Batch, list[Finished]] = {}
        for finished in self.unsettled:
            by_batch.setdefault(finished.batch, []).append(finished)
        for batch, finished_ones in by_batch.items():
            others = [one for one in self.unsettled if one.batch is not batch]
            over = batch.lane.next_steps(finished_ones)
            batch.lane.free(finished_ones)
            # Should the database fail now, only what is over is tried again.
            self.unsettled = others + over
            settling.settle(batch.connector, batch.token, [one.report for one in over])
            batch.lane.forget(over)
            self.unsettled = others
            self.look_again = True

    def _renew(self) -> None:
        if time.monotonic() < self.next_renewal:
            return
        self.next_renewal = time.monotonic() + RENEW
        for lane in self.lanes.values():
            lane.renew()

    def _drain(self, pool: ThreadPoolExecutor) -> None:
        """Others get at once what no thread has begun; what has begun is finished."""
        pool.shutdown(wait=False, cancel_futures=True)
        for lane in self.lanes.values():
            _written(lane.hand_back)
        pool.shutdown(wait=True)
        while not self.events.empty():
            if (event := self.events.get_nowait()) is not None:
                self.unsettled.append(event)
        for batch in {one.batch for one in self.unsettled}:
            _written(partial(self._settle_last, batch))

    def _settle_last(self, batch: Batch) -> None:
        ours = [one for one in self.unsettled if one.batch is batch]
        over = batch.lane.last_steps(ours)
        settling.settle(batch.connector, batch.token, [one.report for one in over])

    def _listen(self, wake_fd: int) -> None:
        """Wake-ups from the web processes; the pipe closes when they are gone."""
        while os.read(wake_fd, 4096):
            self.wake()
        self.stop.set()
        self.wake()


def _written(write: Callable[[], None]) -> None:
    """Write, once more if the connection has broken; else leases run out in their time."""
    for _ in range(2):
        try:
            close_old_connections()
            write()
            return
        except (DatabaseError, InterfaceError):
            log.exception("the database did not answer while stopping")
