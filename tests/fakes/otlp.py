"""A collector of traces: OTLP over HTTP, as protobuf."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.fakes.server import FakeServer, Reply, Request


@dataclass(frozen=True, slots=True)
class Told:
    """A span as it arrived; ids as in a `traceparent`."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    failed: bool
    description: str
    attributes: dict[str, Any]
    links: list[tuple[str, str]]
    resource: dict[str, Any]


class Collector(FakeServer):
    def respond(self, request: Request) -> Reply:
        if request.path != "/v1/traces":
            return Reply(404)
        body = ExportTraceServiceResponse().SerializeToString()
        return Reply(200, None, {"Content-Type": "application/x-protobuf"}, body)

    @property
    def bodies(self) -> bytes:
        return b"".join(request.body for request in self.requests("POST", "/v1/traces"))

    @property
    def spans(self) -> list[Told]:
        return [
            told(span, _values(resource.resource.attributes))
            for request in self.requests("POST", "/v1/traces")
            for resource in ExportTraceServiceRequest.FromString(request.body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def named(self, name: str) -> list[Told]:
        return [span for span in self.spans if span.name == name]

    def seen(self) -> str:
        """All of it, for the message of a test that failed."""
        return "\n".join(
            f"{span.name} {span.trace_id} {json.dumps(span.attributes)}" for span in self.spans
        )


def told(span: Span, resource: dict[str, Any]) -> Told:
    return Told(
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        description=span.status.message,
        attributes=_values(span.attributes),
        links=[(link.trace_id.hex(), link.span_id.hex()) for link in span.links],
        resource=resource,
    )


def _values(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind else None
