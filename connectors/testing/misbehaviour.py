"""Requests, replies, and what can go wrong between them."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

LONGEST_HANG = 30.0


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """Decoded, without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    target: str
    """The request target exactly as it was on the wire."""
    peer: str = ""
    """The address it came from."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Reply:
    status: int = 200
    document: Any = None
    """Sent as JSON, unless `body` is given."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json"

    def encoded(self) -> bytes:
        if self.body is not None:
            return self.body
        return b"" if self.document is None else json.dumps(self.document).encode()


class Misbehaviour:
    """One thing to go wrong for the next `times` requests that match."""

    def __init__(
        self,
        kind: Literal["fail", "hang", "drop"],
        *,
        times: int = 1,
        method: str = "",
        path: str = "",
        processed: bool = False,
        reply: Reply | None = None,
    ) -> None:
        self.kind = kind
        self.times = times
        self.processed = processed
        self.reply = reply or Reply()
        self.reached = threading.Event()
        """Set once a request has run into it."""
        self._released = threading.Event()
        self._method = method
        self._path = path

    def release(self) -> None:
        """Let the requests that hang go on."""
        self._released.set()

    def hold(self) -> None:
        self._released.wait(LONGEST_HANG)

    def matches(self, request: Request) -> bool:
        return request.method.startswith(self._method) and self._path in request.path
