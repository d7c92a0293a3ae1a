"""What is known of every request from its first line to its last: an id, and how it went.

`structlog.contextvars` carries the id into every line that is logged on the way. Counts are
this process's own; `serve --workers N` makes the client library share them.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram
from structlog.contextvars import bind_contextvars, clear_contextvars

from provisioning import publishing

log = structlog.stdlib.get_logger(__name__)

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9._:/+=-]{8,128}", re.ASCII)
"""What is taken over from a caller; anything else could forge lines or be anything."""

DOORS = {
    "admin": "console",
    "scim2": "scim2",
    "wso2": "scim11",
    "services": "soap",
    "oauth2": "oauth2",
    "api": "api",
    "login": "login",
    "sign-up": "signup",
    "static": "static",
}
SECRET_PATHS = re.compile(r"^(/sign-up/).+")
"""Whoever reads such an address can use it: logs do not hold it."""
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

REGISTRY = CollectorRegistry()
DURATION = Histogram(
    "purveyor_door_request_duration_seconds",
    "Time to answer a request, by door, method and class of status.",
    ["door", "method", "status"],
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
WAKE_UPS = {
    "published": Counter(
        "purveyor_wake_ups_told",
        "Wake-ups that the broker took, for whoever of the workers was listening.",
        registry=REGISTRY,
    ),
    "dropped": Counter(
        "purveyor_wake_ups_dropped",
        "Wake-ups that the broker did not take; workers look for themselves every second.",
        registry=REGISTRY,
    ),
}
"""By what `publishing.tally` calls them."""
_known: dict[tuple[str, str, int], Histogram] = {}


class Requests:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        request_id = _id_of(request)
        clear_contextvars()
        path = SECRET_PATHS.sub(r"\1…", request.path_info)
        bind_contextvars(request_id=request_id, method=request.method, path=path)
        try:
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            # SOAP 1.1 answers 500 whoever is wrong: its door says what it comes to.
            status = getattr(response, "counts_as", response.status_code)
            _observe(request, status, seconds)
            _tell(request, status, seconds)
        finally:
            clear_contextvars()
        response[HEADER] = request_id
        return response


def count_wake_ups() -> None:
    """Take over what the publisher's thread has counted since the last time."""
    with _counting:
        for name, counter in WAKE_UPS.items():
            seen = getattr(publishing.tally, name)
            counter.inc(seen - _counted[name])
            _counted[name] = seen


_counting = threading.Lock()
"""Requests are answered by several threads, and each wake-up counts once."""
_counted = dict.fromkeys(WAKE_UPS, 0)


def door_of(path: str) -> str:
    """Few words only: a label with free text would be a series per guess of a scanner."""
    segments = path.split("/", 4)
    first = segments[3] if segments[1:2] == ["t"] and len(segments) > 3 else segments[1]
    return DOORS.get(first, "other")


def _id_of(request: HttpRequest) -> str:
    given: str = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if SANE.fullmatch(given) else uuid.uuid4().hex


def _observe(request: HttpRequest, status: int, seconds: float) -> None:
    method = request.method if request.method in METHODS else "other"
    key = (door_of(request.path_info), str(method), status // 100)
    series = _known.get(key)
    if series is None:
        series = _known[key] = DURATION.labels(key[0], key[1], f"{key[2]}xx")
    series.observe(seconds)
    count_wake_ups()


def _tell(request: HttpRequest, status: int, seconds: float) -> None:
    if status >= 500:
        tell = log.warning
    elif log.isEnabledFor(10):
        tell = log.debug
    else:
        return
    tell(
        "request",
        status=status,
        duration_ms=round(seconds * 1000),
        client=request.META.get("REMOTE_ADDR", ""),
    )
