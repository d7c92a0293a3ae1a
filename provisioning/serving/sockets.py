from __future__ import annotations

import errno
import re
import socket

_BIND = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[^:\[\]\s]+)):(?P<port>\d{1,5})")


class CannotListen(Exception):
    """Nobody can listen there; the message is a sentence."""


def listen(bind: str) -> socket.socket:
    """A listening socket for `HOST:PORT` (`[::1]:8000` for IPv6). Raises `CannotListen`.

    It is made before anything else starts, so that a busy port costs nothing.
    """
    match = _BIND.fullmatch(bind)
    if match is None or int(match["port"]) > 65535:
        raise CannotListen(f"“{bind}” is no HOST:PORT to listen at.")
    family = socket.AF_INET6 if match["six"] else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((match["six"] or match["host"], int(match["port"])))
        opened.listen(2048)
    except OSError as error:
        opened.close()
        raise CannotListen(_why(bind, error)) from error
    return opened


def address_of(opened: socket.socket) -> str:
    """`HOST:PORT` by which this machine reaches the socket."""
    host, port = opened.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 told apart, not bound to
        host = "127.0.0.1" if opened.family == socket.AF_INET else "::1"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _why(bind: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{bind} is in use already: stop what listens there, or choose another port."
    return f"Cannot listen at {bind}: {error.strerror or error}."
