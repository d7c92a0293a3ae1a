"""What every fake remote system has: a request log, and misbehaviour on demand.

class AcmeServer(FakeServer):
    def respond(self, request: Request) -> Reply:
        return Reply(200, {"hello": request.query["name"]})
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from connectors.testing.misbehaviour import Misbehaviour, Reply, Request

__all__ = ["FakeServer", "Misbehaviour", "Reply", "Request"]


class FakeServer:
    """Listens from construction on; `with` stops it at the end.

    `log` holds every request that arrived, also those that were made to fail.
    """

    host = "127.0.0.1"
    """Where it listens."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.lock = threading.RLock()
        self._arrived = threading.Condition(self.lock)
        self.log: list[Request] = []
        self._waiting: list[Misbehaviour] = []
        self._sockets: set[socket.socket] = set()
        self.connections = 0
        """How many connections have been opened."""
        self._stopped = False
        fake = self

        class Connection(_Connection):
            server_of = fake

        self._httpd = _Server((self.host, 0), Connection)
        self.port = int(self._httpd.server_address[1])
        self.url = f"http{'s' if tls else ''}://{self.host}:{self.port}"
        if tls:
            self._httpd.socket = tls.wrap_socket(
                self._httpd.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=self._httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    def respond(self, request: Request) -> Reply:
        """What a well-behaved server answers; called under the lock."""
        return Reply(404)

    # -- misbehaviour ---------------------------------------------------------------------

    def fail_next(
        self,
        status: int = 500,
        *,
        times: int = 1,
        method: str = "",
        path: str = "",
        headers: Mapping[str, str] | None = None,
        document: Any = None,
        body: bytes | None = None,
        processed: bool = False,
    ) -> Misbehaviour:
        """Answer so, instead of (or, `processed`, after) doing what was asked."""
        reply = Reply(status, document, headers or {}, body)
        return self._next(
            Misbehaviour(
                "fail", times=times, method=method, path=path, processed=processed, reply=reply
            )
        )

    def hang_next(
        self, *, times: int = 1, method: str = "", path: str = "", processed: bool = False
    ) -> Misbehaviour:
        """Do not answer before `release()`; `processed`: do what was asked before hanging."""
        return self._next(
            Misbehaviour("hang", times=times, method=method, path=path, processed=processed)
        )

    def drop_next(
        self, *, times: int = 1, method: str = "", path: str = "", processed: bool = True
    ) -> Misbehaviour:
        """Reset the connection after doing what was asked (or, not `processed`, before)."""
        return self._next(
            Misbehaviour("drop", times=times, method=method, path=path, processed=processed)
        )

    def garbage_next(self, *, times: int = 1, method: str = "", path: str = "") -> Misbehaviour:
        """Do what was asked and answer 200 with a page instead of a document."""
        return self.fail_next(
            200, times=times, method=method, path=path, body=b"<html>Hi!", processed=True
        )

    def redirect_next(self, location: str, *, times: int = 1) -> Misbehaviour:
        return self.fail_next(302, times=times, headers={"Location": location})

    def behave(self) -> None:
        """Forget what was to go wrong, and let everything that hangs go on."""
        with self.lock:
            for misbehaviour in self._waiting:
                misbehaviour.release()
            self._waiting.clear()

    def _next(self, misbehaviour: Misbehaviour) -> Misbehaviour:
        with self.lock:
            self._waiting.append(misbehaviour)
        return misbehaviour

    # -- watching -------------------------------------------------------------------------

    def requests(self, method: str = "", path: str = "") -> list[Request]:
        with self.lock:
            return [r for r in self.log if r.method.startswith(method) and path in r.path]

    def count_requests(self) -> int:
        return len(self.requests())

    def wait_for_requests(self, count: int, *, method: str = "", seconds: float = 10) -> None:
        """Until at least `count` requests have arrived. AssertionError if they do not."""
        with self._arrived:
            came = self._arrived.wait_for(lambda: len(self.requests(method)) >= count, seconds)
        if not came:
            raise AssertionError(f"{len(self.requests(method))} of {count} requests came")

    # -- running --------------------------------------------------------------------------

    def stop(self) -> None:
        """Refuse connections from now on, and cut those that are open."""
        if self._stopped:
            return
        self._stopped = True
        self.behave()
        self._httpd.shutdown()
        self._httpd.server_close()
        self._thread.join(10)
        with self.lock:
            for connection in self._sockets:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, request: Request) -> Reply | None:
        """The reply, or None to reset the connection."""
        with self.lock:
            self.log.append(request)
            self._arrived.notify_all()
            trouble = next((m for m in self._waiting if m.matches(request)), None)
            if trouble is None:
                return self.respond(request)
            trouble.times -= 1
            if trouble.times <= 0 and trouble.kind != "hang":
                self._waiting.remove(trouble)
            reply = self.respond(request) if trouble.processed else None
        return self._troubled(trouble, request, reply)

    def _troubled(
        self, trouble: Misbehaviour, request: Request, reply: Reply | None
    ) -> Reply | None:
        trouble.reached.set()
        if trouble.kind == "drop":
            return None
        if trouble.kind == "fail":
            return trouble.reply
        trouble.hold()
        with self.lock:
            if trouble.times <= 0 and trouble in self._waiting:
                self._waiting.remove(trouble)
            return reply or self.respond(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


class _Connection(BaseHTTPRequestHandler):
    server_of: FakeServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # header and body leave together: no Nagle delay on keep-alive
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        with self.server_of.lock:
            self.server_of._sockets.add(self.connection)
            self.server_of.connections += 1

    def finish(self) -> None:
        with self.server_of.lock:
            self.server_of._sockets.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """The log is a list."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            target=self.path,
            peer=str(self.client_address[0]),
        )
        reply = self.server_of.answer(request)
        if reply is None:
            self._reset()
        else:
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        body = reply.encoded()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", reply.content_type)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _reset(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
