"""The only way to the network for a connector: guarded, timed, capped and written down."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Self
from urllib.parse import urlencode

from urllib3.exceptions import HTTPError

from connectors import rate_limits, spans, wire
from connectors.connections import LARGEST_ANSWER, Connections
from connectors.errors import ConnectorIsWrong, OutOfBudget, RetryLater
from connectors.exchanges import Answer, Exchange, Rehearsed
from connectors.rate_limits import RateLimit
from connectors.redaction import Redactor
from connectors.spans import Attributes, Span
from connectors.transport_errors import transport_error
from connectors.wire import Request

LEASE_MARGIN = 2.0
"""Seconds that must be left of the lease to write down what an answer said."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def _user_agent() -> str:
    try:
        return f"Purveyor/{version('purveyor')}"
    except PackageNotFoundError:  # a bare checkout
        return "Purveyor"


USER_AGENT = _user_agent()

__all__ = ["LARGEST_ANSWER", "Answer", "Exchange", "Http", "Rehearsed"]


class Http:
    """One connection pool for one thread.

    `deadline()` tells how many seconds this worker's lease still holds. Whatever goes wrong
    on the way is raised as `RetryLater` (its `maybe_sent` says whether the request may have
    taken effect) or `ConnectorIsWrong` (bad certificate, redirect, address refused).

    One that `rehearses` sends what only reads. A request that may change something is
    written down as it would have gone, and `Rehearsed` is raised; it never leaves here.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        timeout: float = 30.0,
        user_agent: str = USER_AGENT,
        deadline: Callable[[], float] | None = None,
        ca_bundle: str = "",
        rehearses: bool = False,
    ) -> None:
        self.rehearses = rehearses
        self.allow_private = allow_private
        self.exchanges: list[Exchange] = []
        self.limit: RateLimit | None = None
        """What the target said it will still take; the least it said for this job."""
        self._allowed: int | None = None
        self._timeout = timeout
        self._user_agent = user_agent
        self._deadline = deadline
        self._redactor = Redactor()
        self._connections = Connections(allow_private=allow_private, ca_bundle=ca_bundle)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        changes: bool | None = None,
    ) -> Answer:
        """Send one request, once, and return the answer whatever its status below 300 or
        above 399. Raises `OutOfBudget` once this job has made all it may make.

        The body is one of `json` (anything `json.dumps` takes), `form` and `body`.
        `changes` says whether the request may change something at the target, which is
        what an unanswered one is `maybe_sent` by; left out, every method but GET, HEAD and
        OPTIONS does.
        """
        if self._allowed is not None and len(self.exchanges) >= self._allowed:
            raise OutOfBudget("The rest waits for this connector's budget", retry_after=0.0)
        kind, content = _encoded(json, form, body)
        may_change = method not in _SAFE_METHODS if changes is None else changes
        defaults = {"User-Agent": self._user_agent, "Accept": "*/*"}
        if content is not None:
            defaults["Content-Type"] = kind
        if self.rehearses and may_change:
            raise self._rehearsed(wire.request(method, url, headers or {}, content, defaults))
        with spans.span(method, "client") as span:
            defaults |= spans.headers()
            request = wire.request(method, url, headers or {}, content, defaults)
            if span:
                span.add(_about(request))
            answer = self._recorded(request, may_change)
            if span:
                _tell(span, answer.status)
        if 300 <= answer.status < 400:
            raise ConnectorIsWrong(self._redirect(request, answer), status=answer.status)
        return answer

    def hide(self, value: str, *, for_this_job: bool = False) -> None:
        """Never show `value` in exchanges; `for_this_job`: only until `reset`."""
        self._redactor.hide(value, for_this_job=for_this_job)

    def redact(self, text: str) -> str:
        """`text` without the hidden values: for whatever goes into an error message."""
        return self._redactor.text(text)

    def reset(self, allowed: int | None = None) -> None:
        """Forget the exchanges and the passing secrets of the last job; the next one may
        make so many requests (None: any number)."""
        self.exchanges = []
        self.limit, self._allowed = None, allowed
        self._redactor.forget_job()

    def close(self) -> None:
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _rehearsed(self, request: Request) -> Rehearsed:
        self._record(request, None, time.monotonic(), rehearsed=True)
        return Rehearsed(self.exchanges[-1])

    def _recorded(self, request: Request, changes: bool) -> Answer:
        started = time.monotonic()
        answer: Answer | None = None
        try:
            answer = self._send(request, changes)
            self.limit = rate_limits.nearer(self.limit, rate_limits.said(answer.headers))
        finally:
            self._record(request, answer, started)
        return answer

    def _send(self, request: Request, changes: bool) -> Answer:
        seconds = self._seconds_left()
        try:
            return self._connections.exchange(request, seconds)
        except (OSError, HTTPException, HTTPError) as error:
            maybe_sent = self._connections.sent and changes
            raise transport_error(error, request.to.host, maybe_sent=maybe_sent) from error

    def _seconds_left(self) -> float:
        if self._deadline is None:
            return self._timeout
        left = self._deadline() - LEASE_MARGIN
        if left <= 0:
            raise RetryLater("There was no time left in this worker's turn to send the request")
        return min(self._timeout, left)

    def _record(
        self,
        request: Request,
        answer: Answer | None,
        started: float,
        *,
        rehearsed: bool = False,
    ) -> None:
        redactor = self._redactor
        got_type = answer.headers.get("Content-Type", "") if answer else ""
        self.exchanges.append(
            Exchange(
                method=request.method,
                url=redactor.url(request.to.url),
                request_headers=redactor.headers(request.headers),
                request_body=redactor.body(request.body, request.content_type),
                status=answer.status if answer else 0,
                response_body=redactor.body(answer.body, got_type) if answer else "",
                duration_ms=round((time.monotonic() - started) * 1000),
                rehearsed=rehearsed,
            )
        )

    def _redirect(self, request: Request, answer: Answer) -> str:
        where = self._redactor.url(answer.headers.get("Location", "")) or "another address"
        return (
            f"{request.to.host} answered {answer.status} and points to {where[:200]}: "
            "redirects are not followed; enter the final address"
        )


def _encoded(
    document: Any, form: Mapping[str, str] | None, body: bytes | None
) -> tuple[str, bytes | None]:
    if form is not None:
        return "application/x-www-form-urlencoded", urlencode(form).encode()
    if document is not None:
        return "application/json", wire.document(document)
    return "application/octet-stream", body


def _about(request: Request) -> Attributes:
    """By the conventions for HTTP clients. Paths and queries name people: they stay here."""
    to = request.to
    return {
        "http.request.method": request.method,
        "url.full": f"{to.scheme}://{to.authority}/REDACTED",
        "server.address": to.host,
        "server.port": to.port,
    }


def _tell(span: Span, status: int) -> None:
    span.add({"http.response.status_code": status})
    if status >= 400:
        span.fail(str(status))
