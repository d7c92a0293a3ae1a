"""In a Celery worker: the loop that delivers, and the task that wakes it.

The loop is the worker's own step, not its consumer's: it goes on without the broker.
"""

from __future__ import annotations

import logging
import sys
import threading
from typing import Any

from celery import bootsteps, shared_task
from django.conf import settings

from connectors import spans
from provisioning import publishing
from provisioning.courier import Courier
from provisioning.worker import Worker

log = logging.getLogger(__name__)

POOLS = ("celery.concurrency.thread", "celery.concurrency.solo")
PAUSE = 5.0
"""Seconds before the loop starts again after an error nobody foresaw."""

_here: list[Delivery] = []


@shared_task(name=publishing.TASK, ignore_result=True)
def deliver(connector_id: str = publishing.ANY) -> None:
    """Something is due at that connector. The database says what, so it need not be named."""
    for step in _here:
        step.wake()


class Delivery(bootsteps.StartStopStep):
    """Runs the loop in a thread for as long as the Celery worker lives.

    Warm shutdown (TERM): what was not started is handed back, what is under way is
    finished, then the worker ends.
    """

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        if parent.pool_cls.__module__ not in POOLS:
            sys.stderr.write(
                "Purveyor's workers need the pool `threads`, which is the default.\n"
            )
            sys.exit(2)
        self.over = threading.Event()
        self.worker: Worker | None = None
        self.thread = threading.Thread(target=self._run, name="worker")
        self.courier = Courier()

    def wake(self) -> None:
        if self.worker is not None:
            self.worker.wake()

    def start(self, parent: Any) -> None:
        spans.start()
        _here.append(self)
        self.thread.start()
        self.courier.start()

    def close(self, parent: Any) -> None:
        """The first thing of a shutdown, before the broker is asked anything."""
        self.over.set()
        self.wake()

    def stop(self, parent: Any) -> None:
        self.close(parent)
        if self.thread.is_alive():
            self.thread.join()
        self.courier.stop()
        spans.stop()

    def terminate(self, parent: Any) -> None:
        """Cold shutdown: leases that are left run out in their own time."""
        self.close(parent)

    def _run(self) -> None:
        while not self.over.is_set():
            self.worker = Worker(self.over, settings.PURVEYOR_WORKER_THREADS)
            try:
                self.worker.run()
            except Exception:
                log.exception("the worker failed; starting it again")
                self.over.wait(PAUSE)
