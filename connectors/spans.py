"""Spans of work, told to whoever records them; nobody does unless a process was started so.

Connectors and the engine say what they do, and know of no tracing library: only
`config.telemetry` does. While nothing records, a span costs a fraction of a microsecond.

A *cause* is where something began, as text that may be stored: the value of a
`traceparent` header (W3C Trace Context §3.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol, Self

Kind = Literal["internal", "client", "consumer"]
Value = str | int | bool
Attributes = Mapping[str, Value]


class Span(Protocol):
    """One piece of work; false when nothing records, so that nobody collects in vain."""

    trace_id: str

    def __bool__(self) -> bool: ...

    def add(self, attributes: Attributes) -> None: ...

    def fail(self, kind: str) -> None:
        """It did not work; `kind` is one of few words (`error.type`), never a text."""


class Recorder(Protocol):
    def span(
        self, name: str, kind: Kind, attributes: Attributes, causes: Sequence[str]
    ) -> AbstractContextManager[Span]: ...

    def under(self, cause: str) -> AbstractContextManager[object]: ...

    def here(self) -> str: ...

    def headers(self) -> Mapping[str, str]: ...

    def ids(self) -> Mapping[str, str]: ...

    def stop(self) -> None: ...


class _Nothing:
    """Where nothing is recorded. One for all: it holds nothing."""

    trace_id = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Errors go on their way."""

    def __bool__(self) -> bool:
        return False

    def add(self, attributes: Attributes) -> None:
        """Nobody asks."""

    def fail(self, kind: str) -> None:
        """Nobody asks."""


_NOTHING = _Nothing()
_NO_NAMES: Mapping[str, str] = {}
_maker: Callable[[], Recorder | None] | None = None
_recorder: Recorder | None = None


def install(maker: Callable[[], Recorder | None] | None) -> None:
    """Who records, once `start` is called; None: nobody."""
    global _maker
    _maker = maker


def start() -> None:
    """Record from here on, in this process: to be called after a fork, not before."""
    global _recorder
    if _recorder is None and _maker is not None:
        _recorder = _maker()


def stop() -> None:
    """Hand on what was recorded, within seconds, and record no more."""
    global _recorder
    recorder, _recorder = _recorder, None
    if recorder is not None:
        recorder.stop()


def recording() -> bool:
    return _recorder is not None


def span(
    name: str,
    kind: Kind = "internal",
    attributes: Attributes | None = None,
    causes: Sequence[str] = (),
) -> AbstractContextManager[Span]:
    """The work of a `with` block. An error that leaves it is told by its class alone.

    The parent is the span around it, and where there is none, the first of `causes`; all of
    these are linked.
    """
    if _recorder is None:
        return _NOTHING
    return _recorder.span(name, kind, attributes or {}, causes)


def under(cause: str) -> AbstractContextManager[object]:
    """What happens in a `with` block began there."""
    if _recorder is None or not cause:
        return _NOTHING
    return _recorder.under(cause)


def here() -> str:
    """The cause of what follows from the present span; empty without one."""
    return "" if _recorder is None else _recorder.here()


def headers() -> Mapping[str, str]:
    """What tells a server called now which trace it is in."""
    return _NO_NAMES if _recorder is None else _recorder.headers()


def ids() -> Mapping[str, str]:
    """`trace_id` and `span_id`, for a line of a log."""
    return _NO_NAMES if _recorder is None else _recorder.ids()
