"""The courier's rounds: announce, spread, lease, send, write down.

One thread owns the database, a few others do nothing but talk to receivers.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from provisioning.courier import announcing, claiming, spreading
from provisioning.courier.claiming import Claim
from provisioning.courier.sending import Report, send
from provisioning.courier.settling import settle

log = logging.getLogger(__name__)

POLL = 1.0
"""Seconds between looks when nothing is under way."""
SENDERS = 8
PATIENCE = 20.0
"""Seconds that what is under way gets when the process ends: longer than a receiver has."""


class Round:
    """What is under way."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self.under_way: dict[Future[Report], Claim] = {}

    def turn(self, seconds: float) -> bool:
        """Do what is to be done now, then wait so long for an answer; whether there was
        something to do."""
        # Resolved ones may be announced as begun in the same turn, so twice is enough.
        busy = announcing.announce()
        busy |= spreading.spread()
        room = SENDERS - len(self.under_way)
        claims = claiming.claim(room, claiming.under_way([*self.under_way.values()]))
        for claim in claims:
            self.under_way[self.pool.submit(send, claim)] = claim
        busy |= bool(self.under_way)
        self.settle(seconds)
        return busy

    def settle(self, seconds: float) -> None:
        """Wait for an answer, and write down all that have come."""
        if not self.under_way:
            return
        done, _ = wait(self.under_way, timeout=seconds, return_when=FIRST_COMPLETED)
        settle([future.result() for future in done])
        for future in done:
            del self.under_way[future]


def work_off() -> None:
    """Until nothing is due, in this thread's database."""
    with ThreadPoolExecutor(SENDERS, thread_name_prefix="courier") as pool:
        rounds = Round(pool)
        while rounds.turn(POLL):
            pass


class Courier:
    """Rounds in a thread of this process. Rows are leased, so any number may run."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """What is under way is finished and written down."""
        self.over.set()
        if self.thread is not None:
            self.thread.join(PATIENCE)

    def _run(self) -> None:
        pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="courier")
        rounds = Round(pool)
        while not self.over.is_set():
            if not self._try(rounds):
                self.over.wait(POLL)
        while rounds.under_way:
            self._settle(rounds)
        pool.shutdown(wait=False)
        connections.close_all()

    def _try(self, rounds: Round) -> bool:
        try:
            close_old_connections()
            return rounds.turn(POLL)
        except (DatabaseError, InterfaceError):
            log.exception("the database did not answer; trying again")
        except Exception:
            log.exception("a round of the courier failed; the next one comes")
        return False

    def _settle(self, rounds: Round) -> None:
        try:
            rounds.settle(PATIENCE)
        except (DatabaseError, InterfaceError):
            log.exception("the database did not answer while stopping; leases run out")
            rounds.under_way.clear()
