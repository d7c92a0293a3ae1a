"""A SCIM 2.0 service provider that costs next to nothing: `python -m bench.fast_target PORT`.

Raw HTTP/1.1 on asyncio, one process, connections kept alive. It remembers who arrived and
when (`time.monotonic`, which all processes of a machine share on Linux), and says so under
`/-/`: `POST /-/reset?delay=SECONDS`, `GET /-/count`, `/-/arrivals`, `/-/bodies`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

PATCHES = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": 1000},
    "changePassword": {"supported": False},
    "sort": {"supported": False},
    "etag": {"supported": False},
    "authenticationSchemes": [],
}


class Memory:
    """What has arrived since the last reset."""

    def __init__(self) -> None:
        self.last_id = 0
        self.reset(0)

    def reset(self, delay: float) -> None:
        self.delay = delay
        self.arrivals: list[tuple[float, str, str, str]] = []
        self.bodies: list[bytes] = []
        self.ids: dict[str, str] = {}


class Connection(asyncio.Protocol):
    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 what TCP gives
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            body_ends = end + 4 + _length(head)
            if len(self.buffer) < body_ends:
                return
            body = self.buffer[end + 4 : body_ends]
            self.buffer = self.buffer[body_ends:]
            method, path, _ = head[: head.index(b"\r\n")].decode("latin-1").split(" ", 2)
            self.answer(method, path, body)

    def answer(self, method: str, path: str, body: bytes) -> None:
        now = time.monotonic()
        if path.startswith("/-/"):
            self.transport.write(_reply(200, _control(self.memory, path)))
            return
        reply = _scim(self.memory, now, method, path, body)
        if self.memory.delay:
            asyncio.get_running_loop().call_later(
                self.memory.delay, self.transport.write, reply
            )
        else:
            self.transport.write(reply)


def _length(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    if at < 0:
        return 0
    return int(lower[at + 17 :].split(b"\r\n", 1)[0])


def _scim(memory: Memory, now: float, method: str, path: str, body: bytes) -> bytes:
    name = ""
    if method == "POST":
        document = orjson.loads(body)
        name = str(document.get("userName") or document.get("displayName") or "")
        memory.last_id += 1
        remote_id = f"r-{memory.last_id}"
        memory.ids[name] = remote_id
        memory.bodies.append(body)
        reply = _reply(201, b'{"id":"' + remote_id.encode() + b'",' + body[1:])
    elif method == "GET":
        reply = _reply(200, _read(memory, path))
    else:
        reply = _reply(204, b"")
    memory.arrivals.append((now, method, path, name))
    return reply


def _read(memory: Memory, path: str) -> bytes:
    if "ServiceProviderConfig" in path:
        return orjson.dumps(PATCHES)
    wanted = unquote(path).split('"')[1] if "filter=" in path and "%22" in path else ""
    found = [{"id": memory.ids[wanted], "userName": wanted}] if wanted in memory.ids else []
    schema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
    return orjson.dumps({"schemas": [schema], "totalResults": len(found), "Resources": found})


def _control(memory: Memory, path: str) -> bytes:
    url = urlsplit(path)
    commands: dict[str, Callable[[], object]] = {
        "/-/count": lambda: len(memory.arrivals),
        "/-/arrivals": lambda: memory.arrivals,
        "/-/bodies": lambda: [body.decode() for body in memory.bodies],
        "/-/reset": lambda: memory.reset(float(parse_qs(url.query).get("delay", ["0"])[0])),
    }
    return orjson.dumps(commands[url.path]())


REASONS = {200: b"OK", 201: b"Created", 204: b"No Content"}


def _reply(status: int, body: bytes) -> bytes:
    return (
        b"HTTP/1.1 %d %s\r\nContent-Type: application/scim+json\r\nContent-Length: %d\r\n\r\n"
        % (status, REASONS[status], len(body))
    ) + body


async def serve(port: int) -> None:
    memory = Memory()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(memory), "127.0.0.1", port)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
