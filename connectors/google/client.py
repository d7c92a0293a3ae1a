"""Calls of the Directory API, and what its errors mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from connectors.errors import (
    ConnectorError,
    ConnectorIsWrong,
    NotBefore,
    RemoteMissing,
    RetryLater,
)
from connectors.http import Answer, Http
from connectors.oauth2 import TokenSource
from connectors.status import DEFAULT_PAUSE, error_for

DAY_OVER = 3600.0
"""Seconds to stay away when the quota of a whole day is used up."""
_DAILY = frozenset({"dailyLimitExceeded", "dailyLimitExceededUnreg"})
_UNFINISHED = "creation is not complete"
"""A user who is still being made: 412, and soon over."""

_NO_DOMAIN = "domain not found"
"""404 that is about the address's domain, not about the user."""


class Directory:
    """Sends with a token; raises what `connectors.status` makes of an error answer."""

    def __init__(
        self, http: Http, tokens: TokenSource, base_url: str, application: str
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._root = base_url.strip().rstrip("/") + "/admin/directory/v1"
        self._agent = {"User-Agent": f"{application} (gzip)"} if application.strip() else {}

    def get(self, *path: str, **parameters: str) -> dict[str, Any]:
        """The document there."""
        document = document_of(self.send("GET", path, parameters=parameters))
        if document is None:
            raise ConnectorIsWrong(
                f"{self._root} does not answer as the Directory API (no JSON)"
            )
        return document

    def shows(self, kind: str, key: str) -> bool:
        """Whether there is one under the key, as far as the directory knows by now."""
        try:
            return bool(self.get(kind, key))
        except RemoteMissing:
            return False

    def send(
        self,
        method: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | None = None,
        *,
        parameters: Mapping[str, str] | None = None,
    ) -> Answer:
        """A 2xx answer. After a 401 the token is renewed, once. `path`: ("users", "key")."""
        url = "/".join((self._root, *map(_step, path)))
        asked = f"{url}?{urlencode(parameters, quote_via=quote)}" if parameters else url
        answer = self._once(method, asked, body)
        if answer.status == 401 and self._tokens.renew():
            answer = self._once(method, asked, body)
        if answer.ok:
            return answer
        raise self._error(method, url, answer, on_object=len(path) > 1)

    def _once(self, method: str, url: str, body: Mapping[str, Any] | None) -> Answer:
        headers = {"Accept": "application/json", **self._agent, **self._tokens.headers()}
        if body is None:
            return self._http.request(method, url, headers=headers)
        return self._http.request(method, url, headers=headers, json=body)

    def _error(
        self, method: str, url: str, answer: Answer, *, on_object: bool
    ) -> ConnectorError:
        detail, reason = _said(answer)
        error = error_for(
            answer.status,
            answer.headers,
            request=self._http.redact(f"{method} {urlsplit(url).path}"),
            detail=self._http.redact(detail),
            code=reason,
            changes=method != "GET",
            on_object=on_object,
        )
        if reason in _DAILY:
            return NotBefore(
                str(error), status=answer.status, code=reason, retry_after=DAY_OVER
            )
        if answer.status == 503 and not isinstance(error, NotBefore):
            return NotBefore(
                str(error),
                status=503,
                code=reason,
                retry_after=DEFAULT_PAUSE,
                maybe_sent=method != "GET",
            )
        if answer.status == 412 and _UNFINISHED in detail.lower():
            return RetryLater(str(error), status=412, code=reason)
        if answer.status == 404 and detail.lower().startswith(_NO_DOMAIN):
            return ConnectorIsWrong(str(error), status=404, code=reason)
        return error


def document_of(answer: Answer) -> dict[str, Any] | None:
    """The JSON object in the body, or None: empty, garbage, or another kind of JSON."""
    try:
        document = answer.json()
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _step(part: str) -> str:
    encoded = quote(part, safe="", errors="replace")
    if encoded in ("", ".", ".."):
        raise ConnectorIsWrong(f"{part!r} cannot be the key of an object in the directory")
    return encoded


def _said(answer: Answer) -> tuple[str, str]:
    """Message and reason of an error body: `{"error": {"message", "errors": [{"reason"}]}}`."""
    said = (document_of(answer) or {}).get("error")
    if not isinstance(said, dict):
        return ("" if "<" in answer.text else answer.text[:1000]), ""
    listed = said.get("errors")
    first = listed[0] if isinstance(listed, list) and listed else {}
    reason = first.get("reason") if isinstance(first, dict) else ""
    return str(said.get("message") or "")[:1000], str(reason or said.get("status") or "")
