"""Names what went wrong on the way to a target: DNS, connection, TLS, time."""

from __future__ import annotations

import socket
import ssl
from http.client import IncompleteRead

from urllib3.exceptions import DecodeError

from connectors.connections import TooLarge
from connectors.egress import ConnectTimeout, NotConnected
from connectors.errors import ConnectorError, ConnectorIsWrong, RetryLater


def transport_error(error: Exception, host: str, *, maybe_sent: bool) -> ConnectorError:
    """What the engine does about a request that got no usable answer from `host`."""
    causes = _causes(error)
    unverified = next((c for c in causes if isinstance(c, ssl.SSLCertVerificationError)), None)
    if unverified is not None:
        why = unverified.verify_message or "the certificate is not valid"
        return ConnectorIsWrong(f"The certificate of {host} cannot be trusted: {why}")
    return RetryLater(f"{host}: {_reason(error, causes)}", maybe_sent=maybe_sent)


def _causes(error: BaseException | None) -> list[BaseException]:
    """The error and all it wraps: urllib3 nests in attributes as well."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(found) < 20:
        current = waiting.pop(0)
        if isinstance(current, BaseException) and current not in found:
            found.append(current)
            waiting += [current.__cause__, current.__context__, *current.args]
            waiting.append(getattr(current, "reason", None))
    return found


_REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((socket.gaierror,), "the name cannot be resolved"),
    ((ConnectTimeout,), "no connection could be made in time"),
    ((ConnectionRefusedError,), "the connection was refused"),
    ((NotConnected,), "no connection could be made"),
    ((TimeoutError,), "no complete answer came in time"),
    ((ssl.SSLError,), "no secure connection could be made"),
    ((TooLarge, DecodeError), "the answer could not be read (too large, or badly encoded)"),
    ((IncompleteRead, ConnectionError), "the connection broke before the answer was complete"),
)


def _reason(error: Exception, causes: list[BaseException]) -> str:
    return next(
        (words for kinds, words in _REASONS if any(isinstance(c, kinds) for c in causes)),
        f"the exchange failed ({type(error).__name__})",
    )
