"""The load of `bench.door`, in a process of its own: `python -m bench.door_client`.

One JSON order a line comes in, one JSON answer a line goes out. Requests are made before
the clock starts and sent over plain sockets, so that the two cores are the servers'.
"""

from __future__ import annotations

import itertools
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

THREADS = 4
FRESH = 40
"""Requests over one connection: which worker took it should not decide a whole round."""
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_numbers = itertools.count()


@dataclass
class Server:
    """One door, and the people that were made there."""

    port: int
    base: str
    token: str
    people: list[tuple[str, str]] = field(default_factory=list)

    def request(self, method: str, path: str, body: Any = None) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{method} {self.base}{path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Authorization: Bearer {self.token}",
            "Accept: application/scim+json",
        ]
        if body is not None:
            lines += [
                "Content-Type: application/scim+json",
                f"Content-Length: {len(content)}",
            ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


class Line:
    """A kept-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes, allowed: tuple[bytes, ...]) -> bytes:
        """The body of the answer. Raises `RuntimeError` for a status that is not allowed."""
        self.socket.sendall(request)
        head, rest = self._until(b"", b"\r\n\r\n")
        status = head[9:12]
        if status == b"204":
            body = b""
        elif b"chunked" in head.lower():
            body, _ = self._until(rest, b"\r\n0\r\n\r\n")
            body = body.partition(b"\r\n")[2]
        else:
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            while len(rest) < length:
                rest += self._more()
            body = rest
        if status not in allowed:
            raise RuntimeError(f"{request[:60]!r} answered {head[:40]!r} {body[:300]!r}")
        return body

    def _until(self, data: bytes, mark: bytes) -> tuple[bytes, bytes]:
        while mark not in data:
            data += self._more()
        before, _, after = data.partition(mark)
        return before, after

    def _more(self) -> bytes:
        data = self.socket.recv(262_144)
        if not data:
            raise RuntimeError("the server closed the connection")
        return data


def create(server: Server) -> tuple[str, bytes]:
    number = next(_numbers)
    name = f"u{number}"
    person = {
        "schemas": [USER],
        "userName": name,
        "externalId": f"e{number}",
        "name": {"givenName": "Kim", "familyName": f"Number {number}"},
        "displayName": f"Kim Number {number}",
        "emails": [{"value": f"{name}@example.com", "type": "work", "primary": True}],
        "active": True,
    }
    return name, server.request("POST", "/Users", person)


def requests_of(server: Server, what: str) -> Iterator[tuple[str, bytes]]:
    """Endless requests, each with the name of the person it makes or "" ."""
    if what == "create":
        while True:
            yield create(server)
    if what == "list-100":
        yield from itertools.repeat(("", server.request("GET", "/Users?count=100")))
    for name, entity_id in itertools.cycle(server.people[:400]):
        yield "", _about(server, what, name, entity_id)


def _about(server: Server, what: str, name: str, entity_id: str) -> bytes:
    if what == "read":
        return server.request("GET", f"/Users/{entity_id}")
    if what == "filter":
        return server.request("GET", "/Users?filter=" + quote(f'userName eq "{name}"'))
    value = f"Changed {next(_numbers)}"
    operation = {"op": "replace", "path": "name.familyName", "value": value}
    body = {"schemas": [PATCH], "Operations": [operation]}
    return server.request("PATCH", f"/Users/{entity_id}", body)


ALLOWED = {"create": (b"201",), "patch": (b"200", b"204")}


def load(server: Server, what: str, seconds: float) -> float:
    """Answers per second with all threads asking."""
    source = requests_of(server, what)
    ready = [next(source) for _ in range(int(seconds * 4_000) if what != "list-100" else 1)]
    if what == "list-100":
        ready *= int(seconds * 4_000)
    supply, lock = iter(ready), threading.Lock()
    end = time.monotonic() + seconds
    done: list[tuple[int, float]] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            done.append(_ask_until(end, lambda: _next(supply, lock), server, what))
        except BaseException as error:  # noqa: BLE001 - told to the bench
            failed.append(error)

    start = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return sum(count for count, _ in done) / (max(at for _, at in done) - start)


def _next(supply: Iterator[tuple[str, bytes]], lock: Any) -> tuple[str, bytes] | None:
    with lock:
        return next(supply, None)


def _ask_until(
    end: float, take: Callable[[], tuple[str, bytes] | None], server: Server, what: str
) -> tuple[int, float]:
    """How many were answered, and when the last one was."""
    allowed = ALLOWED.get(what, (b"200",))
    made: list[tuple[str, bytes]] = []
    count, line = 0, Line(server.port)
    while time.monotonic() < end and (asked := take()) is not None:
        if count and count % FRESH == 0:
            line.socket.close()
            line = Line(server.port)
        body = line.ask(asked[1], allowed)
        count += 1
        if asked[0]:
            made.append((asked[0], body))
    finished = time.monotonic()
    line.socket.close()
    server.people += [(name, json.loads(body)["id"]) for name, body in made]
    return count, finished


def populate(server: Server, count: int) -> None:
    line = Line(server.port)
    for _ in range(count):
        name, request = create(server)
        server.people.append((name, json.loads(line.ask(request, (b"201",)))["id"]))
    line.socket.close()


def main() -> None:
    servers: dict[str, Server] = {}
    for order in map(json.loads, sys.stdin):
        answer: dict[str, Any]
        try:
            if order["do"] == "populate":
                servers[order["name"]] = Server(order["port"], order["base"], order["token"])
                populate(servers[order["name"]], order["count"])
                answer = {}
            else:
                per_second = load(servers[order["name"]], order["do"], order["seconds"])
                answer = {"per_second": per_second}
        except Exception as error:  # noqa: BLE001 - told to the bench
            answer = {"error": f"{order['name']} {order['do']}: {error}"}
        print(json.dumps(answer), flush=True)  # noqa: T201 - the other end reads it


if __name__ == "__main__":
    main()
