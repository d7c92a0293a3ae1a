"""Records spans with the SDK of OpenTelemetry and hands them to exporters.

Imported only where the extra `otel` is installed and asked for (`config.telemetry`).
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points

import structlog
from django.conf import settings
from django.http import HttpRequest
from opentelemetry import baggage, propagate, trace
from opentelemetry.context import attach, detach
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from config.exporting import Discreet
from config.requests import door_of
from connectors import spans
from connectors.spans import Attributes, Kind

PATIENCE = 3.0
"""Seconds for handing on the last spans when a process ends."""

MIDDLEWARE = "config.requests.Requests"
"""The server's span begins behind it: probes have none, and the client's address is known."""

KINDS = {
    "internal": trace.SpanKind.INTERNAL,
    "client": trace.SpanKind.CLIENT,
    "consumer": trace.SpanKind.CONSUMER,
}
_W3C = TraceContextTextMapPropagator()


def started(exporters: Sequence[str]) -> Recorder:
    """Record in this process from now on, the door's requests and Celery's tasks included.

    Before the middleware is loaded.
    """
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    installed = {
        point.name: point for point in entry_points(group="opentelemetry_traces_exporter")
    }
    for name in exporters:
        exporter = Discreet(installed[name].load()())
        provider.add_span_processor(BatchSpanProcessor(exporter))
    # For connectors of others, which may use the library themselves.
    trace.set_tracer_provider(provider)
    _instrument(provider)
    return Recorder(provider)


def _instrument(provider: TracerProvider) -> None:
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    DjangoInstrumentor().instrument(
        tracer_provider=provider,
        request_hook=_begun,
        middleware_position=settings.MIDDLEWARE.index(MIDDLEWARE) + 1,
    )
    if settings.CELERY_BROKER_URL:
        # A publisher that does not know the task begins a span and never ends it.
        import_module("provisioning.tasks")
        CeleryInstrumentor().instrument(  # type: ignore[no-untyped-call]
            tracer_provider=provider
        )


def _begun(span: trace.Span, request: HttpRequest) -> None:
    """The line about the request is written when the span is over. And a span named by a
    pattern is named by the door instead."""
    if trace_id := _ids(span.get_span_context()).get("trace_id"):
        structlog.contextvars.bind_contextvars(trace_id=trace_id)
    if isinstance(span, ReadableSpan) and span.name.partition(" ")[2].startswith("^"):
        span.update_name(f"{request.method} {door_of(request.path_info)}")


def _resource() -> Resource:
    told = OTELResourceDetector().detect().attributes
    ours = {
        "service.name": "purveyor",
        "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
    }
    return Resource.create({name: told.get(name, value) for name, value in ours.items()})


class Recorder:
    """`spans.Recorder`, by a tracer of OpenTelemetry."""

    def __init__(self, provider: TracerProvider) -> None:
        self.provider = provider
        self.tracer = provider.get_tracer("purveyor")

    @contextmanager
    def span(
        self, name: str, kind: Kind, attributes: Attributes, causes: Sequence[str]
    ) -> Iterator[spans.Span]:
        began = [context for cause in causes if (context := _context_of(cause)).is_valid]
        around = None
        if began and not trace.get_current_span().get_span_context().is_valid:
            around = trace.set_span_in_context(trace.NonRecordingSpan(began[0]))
        with self.tracer.start_as_current_span(
            name,
            context=around,
            kind=KINDS[kind],
            attributes=attributes,
            links=[trace.Link(context) for context in began],
            # Both would tell an error's text.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            recorded = Recorded(span)
            try:
                yield recorded
            except BaseException as error:
                recorded.fail(type(error).__qualname__)
                raise

    @contextmanager
    def under(self, cause: str) -> Iterator[None]:
        span = trace.NonRecordingSpan(_context_of(cause))
        token = attach(trace.set_span_in_context(span))
        try:
            yield
        finally:
            detach(token)

    def here(self) -> str:
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier.get("traceparent", "")

    def headers(self) -> Mapping[str, str]:
        """As `OTEL_PROPAGATORS` has it, but no baggage: callers' words are not for targets."""
        carrier: dict[str, str] = {}
        propagate.inject(carrier, baggage.clear())
        return carrier

    def ids(self) -> Mapping[str, str]:
        return _ids(trace.get_current_span().get_span_context())

    def stop(self) -> None:
        """A collector that does not answer is not waited for."""
        last = threading.Thread(target=self.provider.shutdown, name="last spans", daemon=True)
        last.start()
        last.join(PATIENCE)


class Recorded:
    """`spans.Span`, by a span of OpenTelemetry."""

    def __init__(self, span: trace.Span) -> None:
        self.span = span
        self.trace_id = _ids(span.get_span_context()).get("trace_id", "")

    def __bool__(self) -> bool:
        return self.span.is_recording()

    def add(self, attributes: Attributes) -> None:
        self.span.set_attributes(attributes)

    def fail(self, kind: str) -> None:
        self.span.set_attribute("error.type", kind)
        self.span.set_status(trace.StatusCode.ERROR)


def _context_of(cause: str) -> trace.SpanContext:
    context = _W3C.extract({"traceparent": cause})
    return trace.get_current_span(context).get_span_context()


def _ids(context: trace.SpanContext) -> dict[str, str]:
    if not context.is_valid:
        return {}
    return {
        "trace_id": trace.format_trace_id(context.trace_id),
        "span_id": trace.format_span_id(context.span_id),
    }
