"""Calls of the REST API, and what its errors mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from connectors.errors import (
    ConnectorError,
    ConnectorIsWrong,
    JobIsWrong,
    NotBefore,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.http import Answer, Http
from connectors.oauth2 import TokenSource
from connectors.retry_after import retry_after
from connectors.status import DEFAULT_PAUSE, error_for

OLDEST_WITH_GROUPS = 42.0
"""The API version since which several members go in one request."""
MOST_PAGES = 50
DAY_OVER = 900.0
"""Seconds to stay away when the requests of 24 hours are used up: they come back bit by bit."""
LIMITS = "Sforce-Limit-Info"

_CODES: Mapping[str, type[ConnectorError]] = {
    "DUPLICATE_USERNAME": RemoteExists,
    "DUPLICATE_VALUE": RemoteExists,
    "DUPLICATE_DEVELOPER_NAME": RemoteExists,
    "DUPLICATE_COMM_NICKNAME": JobIsWrong,
    "NOT_FOUND": RemoteMissing,
    "ENTITY_IS_DELETED": RemoteMissing,
    "INVALID_SESSION_ID": ConnectorIsWrong,
    "API_DISABLED_FOR_ORG": ConnectorIsWrong,
    "API_CURRENTLY_DISABLED": ConnectorIsWrong,
    "INSUFFICIENT_ACCESS": ConnectorIsWrong,
    "INSUFFICIENT_ACCESS_OR_READONLY": ConnectorIsWrong,
    "INVALID_TYPE": ConnectorIsWrong,
    "LICENSE_LIMIT_EXCEEDED": JobIsWrong,
}
"""What a target's own code says, whatever the status."""
_AGAIN = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT"})
_AT_ONCE = re.compile(r"concurren", re.IGNORECASE)
"""Too many requests at the same time, not in 24 hours: soon over."""
_VERSION = re.compile(r"[vV]?(\d{2,3})(?:\.0)?")
_TIRED = frozenset({"REQUEST_LIMIT_EXCEEDED", "TOO_MANY_REQUESTS"})
_EXPIRED = "INVALID_SESSION_ID"


class Salesforce:
    """Sends with a token; raises what the answer means. `usage` is what the organisation has
    used of its requests, as the last answer said (`18/15000`)."""

    def __init__(self, http: Http, tokens: TokenSource, domain: str, version: str) -> None:
        self._http = http
        self._tokens = tokens
        known = _VERSION.fullmatch(version.strip())
        if known is None:
            raise ConnectorIsWrong(f"API version: it looks like v60.0, not like {version!r}")
        self.version = float(known[1])
        self._host = domain.strip().rstrip("/")
        self._root = f"{self._host}/services/data/v{self.version:.1f}"
        self.usage = ""

    def query(self, soql: str) -> list[dict[str, Any]]:
        """The records, page after page."""
        document = self.get("query", q=soql)
        found = self._records(document)
        for _ in range(MOST_PAGES):
            following = document.get("nextRecordsUrl")
            if document.get("done") is not False or not isinstance(following, str):
                return found
            locator = following.rpartition("/")[2]
            document = self.get("query", locator)
            found += self._records(document)
        raise ConnectorIsWrong(f"{self._root} does not come to an end with {soql[:100]}")

    def _records(self, document: Mapping[str, Any]) -> list[dict[str, Any]]:
        records = document.get("records")
        if not isinstance(records, list):
            raise ConnectorIsWrong(f"{self._root} does not answer as Salesforce (no records)")
        return [record for record in records if isinstance(record, dict)]

    def get(self, *path: str, **parameters: str) -> dict[str, Any]:
        answer = self.send("GET", path, parameters=parameters)
        try:
            document = answer.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise ConnectorIsWrong(f"{self._root} does not answer as Salesforce (no JSON)")
        return document

    def send(
        self,
        method: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | None = None,
        *,
        parameters: Mapping[str, str] | None = None,
    ) -> Answer:
        """A 2xx answer. When the session is over the token is renewed, once."""
        url = "/".join((self._root, *(quote(part, safe="") for part in path)))
        asked = f"{url}?{urlencode(parameters, quote_via=quote)}" if parameters else url
        answer = self._once(method, asked, body)
        if _is_over(answer) and self._tokens.renew():
            answer = self._once(method, asked, body)
        if answer.ok:
            return answer
        raise self._error(method, url, answer, on_object=len(path) > 2)

    def _once(self, method: str, url: str, body: Mapping[str, Any] | None) -> Answer:
        headers = {"Accept": "application/json", **self._tokens.headers()}
        answer = (
            self._http.request(method, url, headers=headers)
            if body is None
            else self._http.request(method, url, headers=headers, json=body)
        )
        told = answer.headers.get(LIMITS, "")
        if "api-usage=" in told:
            self.usage = told.partition("api-usage=")[2].split(";")[0].split(",")[0].strip()
        return answer

    def _error(
        self, method: str, url: str, answer: Answer, *, on_object: bool
    ) -> ConnectorError:
        detail, code = said(answer)
        return named(
            answer.status,
            answer.headers,
            request=self._http.redact(f"{method} {urlsplit(url).path}"),
            detail=self._http.redact(detail),
            code=code,
            changes=method != "GET",
            on_object=on_object,
            usage=self.usage,
        )


def named(
    status: int,
    headers: Mapping[str, str],
    *,
    request: str,
    detail: str,
    code: str,
    changes: bool,
    on_object: bool,
    usage: str = "",
) -> ConnectorError:
    """The error for an answer, or for one record of an answer, by Salesforce's own code."""
    error = error_for(
        status,
        headers,
        request=request,
        detail=detail,
        code=code,
        changes=changes,
        on_object=on_object,
    )
    if code in _TIRED:
        asked = retry_after(headers)
        used = f"; {usage} requests used" if usage else ""
        soon = _AT_ONCE.search(detail) or code == "TOO_MANY_REQUESTS"
        usual = DEFAULT_PAUSE if soon else DAY_OVER
        pause = usual if asked is None else asked
        return NotBefore(f"{error}{used}", status=status, code=code, retry_after=pause)
    if code in _AGAIN and not isinstance(error, NotBefore):
        return RetryLater(str(error), status=status, code=code)
    kind = _CODES.get(code)
    if kind is RemoteMissing and not on_object:
        kind = ConnectorIsWrong
    return kind(str(error), status=status, code=code) if kind else error


def _is_over(answer: Answer) -> bool:
    return answer.status == 401 or (not answer.ok and said(answer)[1] == _EXPIRED)


def said(answer: Answer) -> tuple[str, str]:
    """Message and code of an error body: a list of `{"message", "errorCode", "fields"}`."""
    try:
        document = answer.json()
    except ValueError:
        return ("" if "<" in answer.text else answer.text[:1000]), ""
    first = document[0] if isinstance(document, list) and document else document
    return told(first) if isinstance(first, dict) else ("", "")


def told(error: Mapping[str, Any]) -> tuple[str, str]:
    """Message (with the fields it is about) and code of one error."""
    message = str(error.get("message") or error.get("error_description") or "")[:1000]
    fields = error.get("fields")
    if isinstance(fields, list) and fields:
        message = f"{message} ({', '.join(map(str, fields))})"
    return message, str(error.get("errorCode") or error.get("statusCode") or "")
