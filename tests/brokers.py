"""Brokers for tests: a Redis server of one's own, RabbitMQ, and one that never answers."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from redis import Redis
from redis.exceptions import RedisError

from tests.chaos.databases import must_have
from tests.chaos.site import Program, Site, eventually, free_port

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
AMQP = os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//")


class OwnRedis(Program):
    """A Redis server on a port of its own, which can go away and come back."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            must_have("no redis-server", "the binary is not on PATH")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        command = (
            str(binary),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--save", ""),
            *("--dir", str(folder), "--daemonize", "no"),
        )
        super().__init__("redis", command, {}, folder / "redis.log")

    def start(self) -> None:
        super().start()
        eventually("Redis answers", self.answers)

    def client(self) -> Redis:
        return Redis(port=self.port, decode_responses=True)

    def answers(self) -> bool:
        with closing(self.client()) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False

    def keys(self) -> list[str]:
        with closing(self.client()) as client:
            return sorted(client.keys())


@contextmanager
def own_redis(folder: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def reachable(url: str, name: str) -> str:
    """The URL, when a broker answers there; otherwise the test is skipped (fails in CI)."""
    try:
        with Connection(url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
            connection.default_channel.close()
    except Exception as error:  # noqa: BLE001 whatever it is, it is not there
        must_have(f"no broker at {name}", str(error))
    return url


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[OwnRedis]:
    with own_redis(tmp_path) as server:
        yield server


@pytest.fixture
def amqp() -> str:
    return reachable(AMQP, "TEST_AMQP_URL")


@pytest.fixture
def black_hole() -> Iterator[int]:
    """The port of somebody who takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def celery_worker(site: Site, name: str = "celery", **environment: Any) -> Program:
    """`celery -A config worker` of the site, as an operator starts it, telling more."""
    command = ("celery", "-A", "config", "worker", "--loglevel", "INFO", "--hostname")
    program = site.program(name, *site.serve.command[:1], "-m", *command, f"{name}@%h")
    program.environment.update(environment)
    return site.add(program)
