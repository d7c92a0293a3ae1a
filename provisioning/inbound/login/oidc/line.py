"""Talking with an identity provider while somebody waits: guarded, and soon over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from connectors.errors import ConnectorError
from connectors.exchanges import Answer
from connectors.http import LEASE_MARGIN, Http
from provisioning.inbound.login.stops import Busy, ProviderFailed

SECONDS = 5.0
"""For all requests of one step of a login together."""

_slots = threading.BoundedSemaphore(max(1, settings.PURVEYOR_WEB_THREADS // 4))
"""Most requests of a process that may wait for identity providers at a time: the others
find threads free to answer."""


class Line:
    def __init__(self, name: str, http: Http) -> None:
        self._name = name
        self._http = http

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object there. Raises `ProviderFailed`."""
        answer = self._ask("GET", url, headers=headers)
        if not answer.ok:
            raise self.failed(f"{_host(url)} answered {answer.status}")
        return self._document(answer, url)

    def post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """As `get`; an error of OAuth 2.0 is named."""
        answer = self._ask("POST", url, form=form, headers=headers)
        told = self._document(answer, url)
        if not answer.ok:
            error = str(told.get("error") or "no reason")[:80]
            raise self.failed(f"{_host(url)} answered {answer.status} ({error})")
        return told

    def failed(self, why: str) -> ProviderFailed:
        return ProviderFailed(f"The identity provider {self._name} does not work: {why}.")

    def _ask(self, method: str, url: str, **sent: Any) -> Answer:
        headers = {"Accept": "application/json", **(sent.pop("headers", None) or {})}
        try:
            return self._http.request(method, url, headers=headers, changes=False, **sent)
        except ConnectorError as error:
            raise self.failed(str(error).rstrip(".")) from error

    def _document(self, answer: Answer, url: str) -> dict[str, Any]:
        try:
            document = answer.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise self.failed(f"{_host(url)} answered something that is no JSON object")
        return document


@contextmanager
def to(name: str) -> Iterator[Line]:
    """Raises `Busy` when too many wait already."""
    if not _slots.acquire(blocking=False):
        raise Busy("Too many people are signing in at this moment; try again in a while.")
    ends = time.monotonic() + SECONDS
    try:
        with Http(
            allow_private=settings.PURVEYOR_ALLOW_PRIVATE_TARGETS,
            timeout=SECONDS,
            deadline=lambda: ends - time.monotonic() + LEASE_MARGIN,
        ) as http:
            yield Line(name, http)
    finally:
        _slots.release()


def _host(url: str) -> str:
    return urlsplit(url).hostname or "it"
