"""What leaves this process as a span: ids, names of things and numbers, no words of people.

One place for spans of all origins, those of libraries included.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from opentelemetry.util.types import AttributeValue

log = logging.getLogger(__name__)

TEXTS = {"exception.message", "exception.stacktrace", "url.query"}
"""They may hold anything: a filter by somebody's name, a row of the database."""
ADDRESSES = {"url.full", "http.url", "http.target"}
"""Cut where their query begins."""

# It is told once for each outage, below.
logging.getLogger("opentelemetry.exporter.otlp").setLevel(logging.CRITICAL)


class Discreet(SpanExporter):
    """Hands spans to another exporter without the texts in them, and tells of its outages."""

    def __init__(self, inner: SpanExporter) -> None:
        self.inner = inner
        self.broken = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self.inner.export([discreet(span) for span in spans])
        broken = result is not SpanExportResult.SUCCESS
        if broken and not self.broken:
            log.warning("the collector takes no traces; they are dropped")
        elif self.broken and not broken:
            log.warning("the collector takes traces again")
        self.broken = broken
        return result

    def shutdown(self) -> None:
        self.inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.inner.force_flush(timeout_millis)


def discreet(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=_without_texts(span.attributes or {}),
        events=[
            Event(event.name, _without_texts(event.attributes or {}), event.timestamp)
            for event in span.events
        ],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _without_texts(attributes: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
    return {
        name: value.partition("?")[0] if name in ADDRESSES and isinstance(value, str) else value
        for name, value in attributes.items()
        if name not in TEXTS
    }
