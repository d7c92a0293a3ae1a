"""Guarded connections: resolve once, judge every address, connect to exactly those."""

from __future__ import annotations

import socket
import time
from typing import Any

from connectors.addresses import refusal
from connectors.errors import ConnectorIsWrong

CONNECT_TIMEOUT = 10.0
"""Seconds to reach a target, over all its addresses together."""


class NotConnected(OSError):
    """None of the addresses took the connection; the cause is what the last one did."""


class ConnectTimeout(NotConnected):
    """None of the addresses took the connection in time."""


def connect(host: str, port: int, *, allow_private: bool, seconds: float) -> socket.socket:
    """A connection that cannot be talked into reaching inside addresses.

    Raises `ConnectorIsWrong` for an address that is not called, `socket.gaierror` for a
    name that cannot be resolved, and `NotConnected`.
    """
    addresses = _resolved(host, port)
    for *_, address in addresses:
        why = refusal(str(address[0]), allow_private=allow_private)
        if why:
            raise ConnectorIsWrong(
                f"{host} is not called because it leads to {why} ({address[0]})"
            )
    return _connected(host, addresses, min(CONNECT_TIMEOUT, seconds))


def _resolved(host: str, port: int) -> list[Any]:
    try:
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except UnicodeError as error:
        raise ConnectorIsWrong(f"{host} is not a valid host name") from error


def _connected(host: str, addresses: list[Any], seconds: float) -> socket.socket:
    deadline = time.monotonic() + seconds
    failure: OSError | None = None
    for family, kind, protocol, _, address in addresses:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(max(0.001, deadline - time.monotonic()))
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    if isinstance(failure, TimeoutError):
        raise ConnectTimeout(f"{host} is silent") from failure
    raise NotConnected(f"{failure}") from failure
