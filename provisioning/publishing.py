"""Wake-ups to Celery's workers: one thread of each process publishes them.

Whoever has something to tell only adds to a set. What cannot be published is dropped and
counted: workers look for themselves every second.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from connectors import spans

log = logging.getLogger(__name__)

TASK = "provisioning.tasks.deliver"
EXCHANGE = "purveyor.wake"
ANY = ""
"""Instead of a connector's id: somebody has something to send."""

GAP = 0.05
"""Seconds between two rounds: many changes at once become one wake-up."""

BACK_OFF = 1.0
"""Seconds until a broker is tried again that did not answer."""

TIMEOUT = 2.0
"""Seconds a broker gets for anything it is asked."""

LIFE = 5.0
"""Seconds after which a wake-up says nothing any more."""


@dataclass
class Tally:
    """What this process has told, and what it could not tell."""

    published: int = 0
    dropped: int = 0


tally = Tally()


class Publisher:
    """The thread starts with the first wake-up, so each forked process has its own."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.something = threading.Event()
        self.waiting: dict[str, str] = {}
        """Connectors, and what began it there last."""
        self.thread: threading.Thread | None = None

    def add(self, connectors: Iterable[str]) -> None:
        with self.lock:
            self.waiting.update(dict.fromkeys(connectors, spans.here()))
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._run, name="wake", daemon=True)
                self.thread.start()
        self.something.set()

    def _run(self) -> None:
        line = _Line()
        while True:
            self.something.wait()
            self.something.clear()
            with self.lock:
                connectors, self.waiting = self.waiting, {}
            time.sleep(GAP if line.send(connectors) else BACK_OFF)


class _Blocked(Exception):
    """RabbitMQ is short of memory or disk, and reads nothing that we write."""


class _Line:
    """The connection to the broker, made when it is needed and again when it broke."""

    def __init__(self) -> None:
        self.connection: Any = None
        self.producer: Any = None
        self.broken = False
        self.blocked = ""

    def send(self, connectors: Mapping[str, str]) -> bool:
        """Publish; on a connection that has broken meanwhile, once more on a new one."""
        left = dict(connectors)
        for again in (self.producer is not None, False):
            try:
                self._publish(left)
            except _Blocked as error:
                # Kept: it will say when it is over, and a new one would be blocked as well.
                return self._drop(left, error)
            except Exception as error:  # noqa: BLE001 whatever it is, changes go on without
                self._hang_up()
                if not again:
                    return self._drop(left, error)
            else:
                break
        if self.broken:
            log.warning("the broker takes wake-ups again")
            self.broken = False
        return True

    def _publish(self, left: dict[str, str]) -> None:
        """Takes out what is published."""
        app = import_string(settings.CELERY_APP)
        self._connect(app)
        for connector in sorted(left):
            self._listen()
            with spans.under(left[connector]):
                app.send_task(
                    TASK,
                    (connector,),
                    producer=self.producer,
                    retry=False,
                    ignore_result=True,
                    expires=LIFE,
                )
            del left[connector]
            tally.published += 1

    def _connect(self, app: Any) -> None:
        if self.producer is not None:
            return
        self.blocked = ""
        redis = settings.CELERY_BROKER_URL.startswith("redis")
        # Nobody would answer heartbeats while there is nothing to tell.
        self.connection = app.connection_for_write(
            heartbeat=0,
            connect_timeout=TIMEOUT,
            transport_options=REDIS if redis else self._amqp(),
        )
        channel = self.connection.channel()
        app.amqp.queues[EXCHANGE].exchange(channel).declare()
        self.producer = app.amqp.Producer(channel, auto_declare=False)

    def _amqp(self) -> dict[str, Any]:
        def blocked(reason: str) -> None:
            self.blocked = reason

        def unblocked() -> None:
            self.blocked = ""

        return {
            "read_timeout": TIMEOUT,
            "write_timeout": TIMEOUT,
            "on_blocked": blocked,
            "on_unblocked": unblocked,
        }

    def _listen(self) -> None:
        """Whether it is still blocked: what came meanwhile tells."""
        if self.blocked:
            with suppress(TimeoutError, BlockingIOError):
                self.connection.drain_events(timeout=0.01)
        if self.blocked:
            raise _Blocked(self.blocked)

    def _drop(self, left: Mapping[str, str], error: Exception) -> bool:
        tally.dropped += len(left)
        if not self.broken:
            log.warning("the broker takes no wake-ups (%s); workers look every second", error)
        self.broken = True
        return False

    def _hang_up(self) -> None:
        connection, self.connection, self.producer = self.connection, None, None
        if connection is not None:
            with suppress(Exception):
                # Says no goodbye: that would wait for an answer.
                connection.collect(socket_timeout=0.1)


REDIS = {
    "socket_timeout": TIMEOUT,
    "socket_connect_timeout": TIMEOUT,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
"""Workers use these too: asked to stop, they must not wait for a broker that is silent."""

_publisher = Publisher()


def publish(connectors: Iterable[str]) -> None:
    """Takes microseconds and raises nothing."""
    # No more threads to be had: then nothing is told.
    with suppress(RuntimeError):
        _publisher.add(connectors)


def _after_fork() -> None:
    """The lock may be held by a thread that is not here."""
    global _publisher
    _publisher = Publisher()


os.register_at_fork(after_in_child=_after_fork)
