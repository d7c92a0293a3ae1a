"""No words of people leave as a span, and an outage of the collector is told once."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Status, StatusCode

from config.exporting import Discreet
from tests.log_lines import Lines


class Moody(SpanExporter):
    """Takes spans, or does not."""

    def __init__(self) -> None:
        self.takes = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS if self.takes else SpanExportResult.FAILURE


def test_texts_stay_and_everything_else_goes() -> None:
    inner = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(Discreet(inner)))
    with provider.get_tracer("a library").start_as_current_span("GET scim2") as span:
        span.set_attributes(
            {
                "url.path": "/scim2/Users",
                "url.query": "filter=kim",
                "http.target": "/scim2/Users?filter=kim",
                "http.response.status_code": 500,
            }
        )
        span.record_exception(ValueError("kim is taken"))
        span.set_status(Status(StatusCode.ERROR, "ValueError: kim is taken"))

    (told,) = inner.get_finished_spans()
    assert "kim" not in told.to_json()
    assert dict(told.attributes or {}) == {
        "url.path": "/scim2/Users",
        "http.target": "/scim2/Users",
        "http.response.status_code": 500,
    }
    assert [dict(event.attributes or {})["exception.type"] for event in told.events] == [
        "ValueError"
    ]
    assert told.status.status_code is StatusCode.ERROR
    assert told.get_span_context() == span.get_span_context()
    assert told.instrumentation_scope is not None
    assert told.instrumentation_scope.name == "a library"
    assert told.start_time is not None
    assert told.end_time is not None


def test_an_outage_begins_and_ends_with_a_line(lines: Lines) -> None:
    moody = Moody()
    exporter = Discreet(moody)
    for takes in (True, False, False, True, True):
        moody.takes = takes
        exporter.export([])

    assert [line["event"] for line in lines.events] == [
        "the collector takes no traces; they are dropped",
        "the collector takes traces again",
    ]
