"""Connections that are kept alive, and one exchange over one of them, in time."""

from __future__ import annotations

import io
import socket
import ssl
import time
from contextlib import suppress
from functools import cache
from http.client import HTTPException, HTTPResponse

import certifi
from urllib3 import HTTPHeaderDict
from urllib3 import HTTPResponse as Decoding
from urllib3.util import wait_for_read

from connectors.egress import connect
from connectors.exchanges import Answer
from connectors.wire import Destination, Request

LARGEST_ANSWER = 10_000_000
"""Bytes of an answer's body beyond which it is not read."""
KEPT = 20
"""Connections to so many servers are kept."""
_PIECE = 65_536


class TooLarge(HTTPException):
    """The answer's body has more than `LARGEST_ANSWER` bytes."""


class Connections:
    """Those of one thread: one to each server. `sent` tells whether the last request has
    begun to leave this machine. Nothing is ever sent twice."""

    def __init__(self, *, allow_private: bool, ca_bundle: str = "") -> None:
        self.sent = False
        self._allow_private = allow_private
        self._ca_bundle = ca_bundle
        self._kept: dict[tuple[str, str, int], socket.socket] = {}

    def exchange(self, request: Request, seconds: float) -> Answer:
        """One request and its whole answer within so many seconds.

        Raises `ConnectorIsWrong` for an address that is not called, and otherwise
        `OSError`, `HTTPException` (`http.client`) or urllib3's `HTTPError`.
        """
        self.sent = False
        ends = time.monotonic() + seconds
        server = (request.to.scheme, request.to.host, request.to.port)
        sock = self._alive(server) or self._opened(request.to, seconds)
        keep = False
        try:
            sock.settimeout(_left(ends))
            self.sent = True
            # A server may refuse before it has read everything: what it says counts.
            with suppress(BrokenPipeError):
                sock.sendall(request.message)
            with HTTPResponse(_Wire(sock, ends), method=request.method) as response:  # type: ignore[arg-type]
                response.begin()
                headers = HTTPHeaderDict(response.headers.items())
                body = _read(response)
                keep = not response.will_close
        finally:
            if keep:
                self._keep(server, sock)
            else:
                sock.close()
        return Answer(response.status, headers, _decoded(body, headers))

    def close(self) -> None:
        for sock in self._kept.values():
            sock.close()
        self._kept.clear()

    def _alive(self, server: tuple[str, str, int]) -> socket.socket | None:
        """The connection kept, unless the server has closed it meanwhile: then there is
        something to read, though nothing was asked."""
        sock = self._kept.pop(server, None)
        if sock is None or not wait_for_read(sock, timeout=0):
            return sock
        sock.close()
        return None

    def _keep(self, server: tuple[str, str, int], sock: socket.socket) -> None:
        if len(self._kept) >= KEPT:
            self._kept.pop(next(iter(self._kept))).close()
        self._kept[server] = sock

    def _opened(self, to: Destination, seconds: float) -> socket.socket:
        ends = time.monotonic() + seconds
        sock = connect(to.host, to.port, allow_private=self._allow_private, seconds=seconds)
        if to.scheme == "http":
            return sock
        try:
            sock.settimeout(_left(ends))
            name = to.host.rstrip(".")
            return _tls(self._ca_bundle).wrap_socket(sock, server_hostname=name)
        except BaseException:
            sock.close()
            raise


@cache
def _tls(ca_bundle: str) -> ssl.SSLContext:
    """Verifies the *name* that was asked for, whatever address is called."""
    context = ssl.create_default_context(cafile=ca_bundle or certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the exchange took too long")
    return left


class _Wire(io.RawIOBase):
    """Reads a socket so that the *whole* answer is there in time, not just each piece."""

    def __init__(self, sock: socket.socket, ends: float) -> None:
        self._sock = sock
        self._ends = ends

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What `http.client` asks of a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._sock.settimeout(_left(self._ends))
        return self._sock.recv_into(buffer)


def _read(response: HTTPResponse) -> bytes:
    if response.length is not None:
        if response.length > LARGEST_ANSWER:
            raise TooLarge
        return response.read()
    body = bytearray()
    while piece := response.read(_PIECE):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise TooLarge
    return bytes(body)


def _decoded(body: bytes, headers: HTTPHeaderDict) -> bytes:
    """Nobody was asked to compress; some do all the same, and a little may become much."""
    if not body or "Content-Encoding" not in headers:
        return body
    decoded = bytearray()
    packed = Decoding(io.BytesIO(body), headers=headers, preload_content=False)
    for piece in packed.stream(_PIECE, decode_content=True):
        decoded += piece
        if len(decoded) > LARGEST_ANSWER:
            raise TooLarge
    return bytes(decoded)
