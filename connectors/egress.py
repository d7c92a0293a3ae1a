"""Guarded connections: resolve once, judge every address, connect to exactly those."""

from __future__ import annotations

import io
import socket
import time
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from connectors.addresses import refusal
from connectors.errors import ConnectorIsWrong

if TYPE_CHECKING:
    _Connection = HTTPConnection
else:
    _Connection = object

CONNECT_TIMEOUT = 10.0
"""Seconds to reach a target, over all its addresses together."""


class Flight:
    """Whether the request under way has begun to leave this machine."""

    sent = False


class GuardedAdapter(HTTPAdapter):
    """A transport for `requests` that cannot be talked into reaching inside addresses.

    One per thread: `flight` tells about the request sent last. It never retries.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self.allow_private = allow_private
        self.flight = Flight()
        super().__init__(pool_connections=20, pool_maxsize=4, max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block)
        known = {"allow_private": self.allow_private, "flight": self.flight}
        plain = type("GuardedHttp", (_Guarded, HTTPConnection), known)
        tls = type("GuardedHttps", (_Guarded, HTTPSConnection), known)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("HttpPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("HttpsPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
        }


class _UntilDeadline(io.RawIOBase):
    """Reads a socket so that the *whole* answer is there in time, not just each piece."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = time.monotonic() + (sock.gettimeout() or 0.0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_UntilDeadline(raw, sock))


class _Guarded(_Connection):
    """Mixed into urllib3's connections; TLS still verifies the *name* that was asked for."""

    allow_private: bool
    flight: Flight
    response_class = _TimedResponse

    def _new_conn(self) -> socket.socket:
        addresses = self._resolved()
        for *_, address in addresses:
            why = refusal(str(address[0]), allow_private=self.allow_private)
            if why:
                raise ConnectorIsWrong(
                    f"{self.host} is not called because it leads to {why} ({address[0]})"
                )
        return self._connected(addresses)

    def _resolved(self) -> list[Any]:
        host = self._dns_host.strip("[]")
        try:
            found = socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except UnicodeError as error:
            raise ConnectorIsWrong(f"{self.host} is not a valid host name") from error
        return list(found)

    def _connected(self, addresses: list[Any]) -> socket.socket:
        deadline = time.monotonic() + (self.timeout or CONNECT_TIMEOUT)
        failure: OSError | None = None
        for family, kind, protocol, _, address in addresses:
            sock = socket.socket(family, kind, protocol)
            try:
                for option in self.socket_options or ():
                    sock.setsockopt(*option)
                sock.settimeout(max(0.001, deadline - time.monotonic()))
                sock.connect(address)
            except OSError as error:
                sock.close()
                failure = error
            else:
                return sock
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, f"{self.host} is silent") from failure
        raise NewConnectionError(self, f"{failure}") from failure

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.flight.sent = True
        super().send(data)
