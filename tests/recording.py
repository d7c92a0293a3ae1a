"""Spans recorded in this process, as the SDK of OpenTelemetry would hand them on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler

from config.recorder import Recorder
from connectors import spans


class Recording:
    def __init__(self, sampler: Sampler) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.recorder = Recorder(provider)

    def named(self, name: str) -> list[ReadableSpan]:
        """In the order in which they ended."""
        return [span for span in self.exporter.get_finished_spans() if span.name == name]


@contextmanager
def recorded(sampler: Sampler = ALWAYS_ON) -> Iterator[Recording]:
    recording = Recording(sampler)
    spans.install(lambda: recording.recorder)
    spans.start()
    try:
        yield recording
    finally:
        spans.stop()
        spans.install(None)
