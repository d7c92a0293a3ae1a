from __future__ import annotations

import logging
import threading

from django.db import close_old_connections, connections

from provisioning import housekeeping, ticks
from provisioning.courier import Courier

log = logging.getLogger(__name__)

PATIENCE = 5.0


class Ticking:
    """Runs the ticks that are due in a thread of a web process, and the courier in another.

    The rows are leased, so it does not matter how many processes have such a thread.
    """

    def __init__(self) -> None:
        self.over = threading.Event()
        self.thread: threading.Thread | None = None
        self.courier = Courier()

    def start(self) -> None:
        """After the fork: threads do not come along."""
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, name="ticks", daemon=True)
        self.thread.start()
        self.courier.start()

    def stop(self) -> None:
        self.over.set()
        self.courier.stop()
        if self.thread is not None:
            self.thread.join(PATIENCE)

    def _run(self) -> None:
        while not self.over.wait(ticks.LOOK):
            try:
                close_old_connections()
                ticks.run_due(housekeeping.TASKS)
            except Exception:
                log.exception("a periodic task failed; it comes again")
        connections.close_all()
