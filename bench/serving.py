"""`manage.py serve` on data of a bench, and one client of its SCIM 2.0 door."""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import people, processes
from bench.databases import Database

IDLE = 1.0
"""Seconds after which the server may be about to close a connection."""


class Door:
    """One connection that is kept alive; `answered` is when the last answer was read."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answered = 0.0
        self.connection: http.client.HTTPConnection | None = None
        secret = f"{people.OPERATOR}:{people.PASSWORD}".encode()
        self.headers = {
            "Authorization": "Basic " + base64.b64encode(secret).decode(),
            "Content-Type": "application/scim+json",
        }

    def call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        connection = self._connected()
        connection.request(method, f"/scim2{path}", data, self.headers)
        answer = connection.getresponse()
        content = answer.read()
        self.answered = time.monotonic()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
        return json.loads(content) if content else None

    def timed(self, method: str, path: str, body: Any = None) -> tuple[float, Any]:
        """Seconds from the request to its answer, and the answer."""
        self._connected()
        start = time.monotonic()
        answer = self.call(method, path, body)
        return self.answered - start, answer

    def _connected(self) -> http.client.HTTPConnection:
        if self.connection is None or time.monotonic() - self.answered > IDLE:
            if self.connection is not None:
                self.connection.close()
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self.connection.connect()
            self.answered = time.monotonic()
        return self.connection


@contextmanager
def serving(database: Database, *options: str, **more: str) -> Iterator[Door]:
    """The production server on a free port, ready; its password check is warmed up."""
    arguments = ("manage.py", "serve", "--bind", "127.0.0.1:0", *options)
    log = database.folder / "serve.log"
    with processes.running(*arguments, env=database.environment(**more), log=log) as process:
        assert process.stdout is not None  # noqa: S101 for the type checker
        line = process.stdout.readline()
        if not line.startswith("Serving"):
            raise RuntimeError(f"serve: {line} {log.read_text()[-3000:]}")
        door = Door(int(line.strip().rstrip("/").rpartition(":")[2]))
        door.call("GET", "/Users?count=1")
        yield door
