"""The only way to the network for a connector: guarded, timed, capped and written down."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from connectors.egress import CONNECT_TIMEOUT, GuardedAdapter
from connectors.errors import ConnectorIsWrong, RetryLater
from connectors.exchanges import Answer, Exchange
from connectors.redaction import Redactor
from connectors.transport_errors import transport_error

LARGEST_ANSWER = 10_000_000
"""Bytes of an answer's body beyond which it is not read."""
LEASE_MARGIN = 2.0
"""Seconds that must be left of the lease to write down what an answer said."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def _user_agent() -> str:
    try:
        return f"Purveyor/{version('purveyor')}"
    except PackageNotFoundError:  # a bare checkout
        return "Purveyor"


USER_AGENT = _user_agent()

__all__ = ["Answer", "Exchange", "Http"]


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class Http:
    """One connection pool for one thread.

    `deadline()` tells how many seconds this worker's lease still holds. Whatever goes wrong
    on the way is raised as `RetryLater` (its `maybe_sent` says whether the request may have
    taken effect) or `ConnectorIsWrong` (bad certificate, redirect, address refused).
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        timeout: float = 30.0,
        user_agent: str = USER_AGENT,
        deadline: Callable[[], float] | None = None,
        ca_bundle: str = "",
    ) -> None:
        self.allow_private = allow_private
        self.exchanges: list[Exchange] = []
        self._timeout = timeout
        self._user_agent = user_agent
        self._deadline = deadline
        self._verify: bool | str = ca_bundle or True
        self._redactor = Redactor()
        self._adapter = GuardedAdapter(allow_private=allow_private)
        self._session = _Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)

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
        above 399.

        The body is one of `json` (anything `json.dumps` takes), `form` and `body`.
        `changes` says whether the request may change something at the target, which is
        what an unanswered one is `maybe_sent` by; left out, every method but GET, HEAD and
        OPTIONS does.
        """
        prepared = self._prepared(method, url, headers or {}, *_encoded(json, form, body))
        may_change = method not in _SAFE_METHODS if changes is None else changes
        started = time.monotonic()
        answer: Answer | None = None
        try:
            answer = self._send(prepared, may_change)
        finally:
            self._record(prepared, answer, started)
        if 300 <= answer.status < 400:
            raise ConnectorIsWrong(self._redirect(prepared, answer), status=answer.status)
        return answer

    def hide(self, value: str, *, for_this_job: bool = False) -> None:
        """Never show `value` in exchanges; `for_this_job`: only until `reset`."""
        self._redactor.hide(value, for_this_job=for_this_job)

    def redact(self, text: str) -> str:
        """`text` without the hidden values: for whatever goes into an error message."""
        return self._redactor.text(text)

    def reset(self) -> None:
        """Forget the exchanges and the passing secrets of the last job."""
        self.exchanges = []
        self._redactor.forget_job()

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _prepared(
        self, method: str, url: str, headers: Mapping[str, str], kind: str, body: bytes | None
    ) -> requests.PreparedRequest:
        _refuse_odd_url(url)
        sent = CaseInsensitiveDict({"User-Agent": self._user_agent, "Accept": "*/*"})
        if body is not None:
            sent["Content-Type"] = kind
        sent.update(headers)
        try:
            return requests.Request(method, url, headers=sent, data=body).prepare()
        except (requests.RequestException, ValueError) as error:
            part = "address" if isinstance(error, requests.exceptions.InvalidURL) else "header"
            raise ConnectorIsWrong(
                f"The request cannot be sent: its {part} is not valid (see the settings)"
            ) from error

    def _send(self, prepared: requests.PreparedRequest, changes: bool) -> Answer:
        timeout = _timeout(self._seconds_left())
        flight = self._adapter.flight
        flight.sent = False
        try:
            response = self._session.send(
                prepared,
                stream=True,
                allow_redirects=False,
                verify=self._verify,
                timeout=timeout,
            )
            with response:
                return Answer(response.status_code, response.headers, _body(response))
        except (requests.RequestException, HTTPError, OSError) as error:
            maybe_sent = flight.sent and changes
            raise transport_error(error, _host(prepared), maybe_sent=maybe_sent) from error

    def _seconds_left(self) -> float:
        if self._deadline is None:
            return self._timeout
        left = self._deadline() - LEASE_MARGIN
        if left <= 0:
            raise RetryLater("There was no time left in this worker's turn to send the request")
        return min(self._timeout, left)

    def _record(
        self, prepared: requests.PreparedRequest, answer: Answer | None, started: float
    ) -> None:
        redactor = self._redactor
        body = prepared.body if isinstance(prepared.body, bytes) else b""
        sent_type = prepared.headers.get("Content-Type", "")
        got_type = answer.headers.get("Content-Type", "") if answer else ""
        self.exchanges.append(
            Exchange(
                method=prepared.method or "",
                url=redactor.url(prepared.url or ""),
                request_headers=redactor.headers(prepared.headers),
                request_body=redactor.body(body, sent_type),
                status=answer.status if answer else 0,
                response_body=redactor.body(answer.body, got_type) if answer else "",
                duration_ms=round((time.monotonic() - started) * 1000),
            )
        )

    def _redirect(self, prepared: requests.PreparedRequest, answer: Answer) -> str:
        where = self._redactor.url(answer.headers.get("Location", "")) or "another address"
        return (
            f"{_host(prepared)} answered {answer.status} and points to {where[:200]}: "
            "redirects are not followed; enter the final address"
        )


def _encoded(
    document: Any, form: Mapping[str, str] | None, body: bytes | None
) -> tuple[str, bytes | None]:
    if form is not None:
        return "application/x-www-form-urlencoded", urlencode(form).encode()
    if document is not None:
        return "application/json", json.dumps(document).encode()
    return "application/octet-stream", body


def _timeout(seconds: float) -> Any:
    """`total` is what the stubs of requests do not know: urllib3's own object passes."""
    return Timeout(connect=min(CONNECT_TIMEOUT, seconds), read=seconds, total=seconds)


def _refuse_odd_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        odd = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        odd = True
    if odd:
        raise ConnectorIsWrong("The address of the target must look like https://host/path")
    if parts.username or parts.password:
        raise ConnectorIsWrong(
            "The address of the target holds a user name or password: "
            "enter them in their own fields"
        )


def _body(response: requests.Response) -> bytes:
    body = bytearray()
    for piece in response.raw.stream(65536, decode_content=True):
        body += piece
        if len(body) > LARGEST_ANSWER:
            response.raw.close()
            raise requests.exceptions.ContentDecodingError(
                f"the answer is larger than {LARGEST_ANSWER // 1_000_000} MB"
            )
    return bytes(body)


def _host(prepared: requests.PreparedRequest) -> str:
    return urlsplit(prepared.url or "").hostname or ""
