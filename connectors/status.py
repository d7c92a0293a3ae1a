"""HTTP status → what the engine does next, in one table for all connectors.

| status | error | why |
|---|---|---|
| 401, 403, 407 | ConnectorIsWrong | the credentials, or what they may do |
| 404, 410 on an object | RemoteMissing | nothing under that id |
| 404, 410 on a collection | ConnectorIsWrong | the address is wrong |
| 409; 400, 422, 500 that say "exists" | RemoteExists | the name is taken |
| 408 | RetryLater, maybe sent | the target gave up while it read or worked |
| 423, 425 | RetryLater, not sent | the target refused to begin |
| 429; 403, 500, 503 that say "rate limit" | NotBefore, not sent | refused before work |
| 503 with Retry-After | NotBefore, not sent | refused before work |
| 503 without | RetryLater, maybe sent | a gateway may say so after it passed the request on |
| 501, 505 and every other 4xx | JobIsWrong | this request will never do |
| every other 5xx | RetryLater, maybe sent | a change may have taken effect before the failure |

"Maybe sent" holds only for requests that change something: also for PUT, PATCH and DELETE.
Repeating those is harmless, but what the target holds is unknown until looked up, and a
newer job must not be computed from what we believed before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from connectors.errors import (
    ConnectorError,
    ConnectorIsWrong,
    JobIsWrong,
    NotBefore,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.retry_after import retry_after

DEFAULT_PAUSE = 10.0
"""Seconds to stay away when a target throttles without saying for how long."""
_DETAIL_SHOWN = 300

_TABLE: Mapping[int, type[ConnectorError]] = {
    401: ConnectorIsWrong,
    403: ConnectorIsWrong,
    404: RemoteMissing,
    407: ConnectorIsWrong,
    408: RetryLater,
    409: RemoteExists,
    410: RemoteMissing,
    423: RetryLater,
    425: RetryLater,
    501: JobIsWrong,
    505: JobIsWrong,
}
_REFUSED_TO_BEGIN = frozenset({423, 425})
_THROTTLED = re.compile(
    r"rate[\s_-]*limit|too many requests|throttl|quota[\s_-]*exceeded|concurren\w+ limit",
    re.IGNORECASE,
)
_EXISTS = re.compile(
    r"already (?:exists?|in use|taken|registered)|\buniqueness\b|\bduplicate\b", re.IGNORECASE
)


def error_for(
    status: int,
    headers: Mapping[str, str],
    *,
    request: str,
    detail: str = "",
    code: str = "",
    changes: bool,
    on_object: bool,
    pause: float | None = None,
) -> ConnectorError:
    """The error to raise for an answer of 400 or above.

    `request` is what was asked in words for the operator (`POST https://host/Users`), `detail`
    and `code` what the target said, without secrets. `changes`: the request could change
    something. `on_object`: its URL named one object, not a collection. `pause`: the seconds
    to stay away, where a connector knows that this answer is throttling; what the target
    asks for in `Retry-After` wins.
    """
    message = _sentence(status, request, detail, code)
    wait = _pause(status, headers, f"{code} {detail}", pause)
    if wait is not None:
        return NotBefore(message, status=status, code=code, retry_after=wait)
    kind = _kind(status, f"{code} {detail}", on_object)
    if issubclass(kind, RetryLater):
        maybe_sent = changes and status not in _REFUSED_TO_BEGIN
        return RetryLater(message, status=status, code=code, maybe_sent=maybe_sent)
    return kind(message, status=status, code=code)


def says_taken(text: str) -> bool:
    """Whether a target's words mean that something is there already."""
    return bool(_EXISTS.search(text))


def _pause(
    status: int, headers: Mapping[str, str], said: str, known: float | None
) -> float | None:
    asked = retry_after(headers)
    if known is not None:
        # The reset of a rate limit is in it already, read as this product writes it.
        return asked if asked is not None and headers.get("Retry-After") else known
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return DEFAULT_PAUSE if asked is None else asked
    if status in (403, 500, 503) and _THROTTLED.search(said):
        return DEFAULT_PAUSE if asked is None else asked
    # The reset of a rate limit stands on every answer of some targets: it does not say why.
    refused = status == HTTPStatus.SERVICE_UNAVAILABLE and headers.get("Retry-After")
    return asked if refused else None


def _kind(status: int, said: str, on_object: bool) -> type[ConnectorError]:
    if status in (400, 422, 500) and says_taken(said):
        return RemoteExists
    kind = _TABLE.get(status) or (RetryLater if status >= 500 else JobIsWrong)
    if kind is RemoteMissing and not on_object:
        return ConnectorIsWrong
    return kind


def _sentence(status: int, request: str, detail: str, code: str) -> str:
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    said = ": ".join(part for part in (code, " ".join(detail.split())[:_DETAIL_SHOWN]) if part)
    return f"{request} was answered {status}{phrase}" + (f" ({said})" if said else "")
