"""What an HTTP exchange leaves behind: the answer, and what may be shown of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back, without secrets. `status` 0: no answer, or, where it
    was `rehearsed`, never sent."""

    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: str
    status: int
    response_body: str
    duration_ms: int
    rehearsed: bool = False

    def document(self) -> dict[str, Any]:
        """What JSON takes."""
        told: dict[str, Any] = {
            "method": self.method,
            "url": self.url,
            "request_headers": dict(self.request_headers),
            "request_body": self.request_body,
            "status": self.status,
            "response_body": self.response_body,
            "duration_ms": self.duration_ms,
        }
        return told | {"rehearsed": True} if self.rehearsed else told


class Rehearsed(Exception):
    """Instead of an answer: a session that only rehearses came to a request that may change
    something, wrote it down, and did not send it.

    No `ConnectorError`: nothing went wrong, and whoever deals with those is not meant.
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(f"{exchange.method} {exchange.url}")
        self.exchange = exchange


@dataclass(frozen=True, slots=True)
class Answer:
    """What the target said, whatever the status; 3xx never gets this far."""

    status: int
    headers: Mapping[str, str]
    """Names ignore case."""
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is none."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
