"""RabbitMQ as one's own node or behind a relay, and what can be done to any broker."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from tests.brokers import AMQP, reachable
from tests.chaos.site import Program, Site, eventually, free_port

RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"
"""Not what is on PATH of Debian: that changes the user, and knows one place for its data."""


class Broker(Protocol):
    """Goes away with all connections (`kill`, `start`), or just says nothing."""

    url: str

    def start(self) -> None: ...
    def kill(self) -> None: ...
    def freeze(self) -> None: ...
    def thaw(self) -> None: ...


class OwnRabbit(Program):
    """A RabbitMQ node of one's own; when it is killed, what it holds is gone."""

    def __init__(self, folder: Path) -> None:
        port, mark = free_port(), os.urandom(4).hex()
        self.url = f"amqp://guest:guest@127.0.0.1:{port}//"
        self.home = folder / "rabbitmq"
        self.home.mkdir()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "RABBITMQ_NODENAME": f"chaos-{mark}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self.home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.home),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.home / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-setcookie {mark}",
        }
        super().__init__("rabbitmq", (RABBITMQ,), environment, self.home / "node.log")

    def start(self) -> None:
        begun = self._starts()
        super().start()
        eventually("RabbitMQ answers", lambda: self._starts() > begun)

    def _starts(self) -> int:
        return self.log.read_text().count("startup complete") if self.log.exists() else 0


class RelayedRabbit(Program):
    """The RabbitMQ everybody uses, through a relay of one's own that can be killed."""

    def __init__(self, folder: Path) -> None:
        there = urlsplit(reachable(AMQP, "TEST_AMQP_URL"))
        self.port = port = free_port()
        user = there.netloc.rpartition("@")[0] or "guest:guest"
        self.url = there._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()
        pair = f"127.0.0.1:{port}={there.hostname}:{there.port or 5672}"
        command = (sys.executable, "-m", "tests.chaos.relay", pair)
        super().__init__("relay", command, {"PATH": os.environ["PATH"]}, folder / "relay.log")

    def start(self) -> None:
        super().start()
        eventually("the relay listens", lambda: listens(self.port))


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextmanager
def rabbit(folder: Path, *, own: bool) -> Iterator[OwnRabbit | RelayedRabbit]:
    """A node of one's own where it is wanted and can be had: that takes seconds."""
    broker = OwnRabbit(folder) if own and shutil.which(RABBITMQ) else RelayedRabbit(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


class Outages:
    """Each strike takes the broker away, or brings it back when it is away."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.had: Counter[str] = Counter()
        self._bring_back: Callable[[], None] | None = None

    def gone(self) -> None:
        self._turn("gone", self.broker.kill, self.broker.start)

    def silent(self) -> None:
        self._turn("silent", self.broker.freeze, self.broker.thaw)

    def over(self) -> None:
        """The broker is there, as it was or started again."""
        back, self._bring_back = self._bring_back, None
        if back is not None:
            back()

    def _turn(self, kind: str, take: Callable[[], None], back: Callable[[], None]) -> None:
        if self._bring_back is not None:
            self.over()
        else:
            take()
            self.had[kind] += 1
            self._bring_back = back


class Woken:
    """Which Celery workers have heard of something to do since this was made."""

    def __init__(self, workers: list[Program]) -> None:
        self.before = {worker.log: self._heard(worker.log) for worker in workers}

    def everybody(self) -> bool:
        return all(self._heard(log) > before for log, before in self.before.items())

    def _heard(self, log: Path) -> int:
        return log.read_text().count("provisioning.tasks.deliver") if log.exists() else 0


def counted(site: Site, name: str) -> float:
    """A figure of `/metrics`."""
    for line in site.metrics().splitlines():
        if line.startswith(f"{name} "):
            return float(line.rpartition(" ")[2])
    return 0.0
