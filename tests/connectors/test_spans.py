"""What a connector's requests tell whoever records spans, and what a target is told."""

from __future__ import annotations

import re

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from connectors import ConnectorIsWrong, RetryLater, spans
from connectors.http import Http
from tests.fakes.scim2 import Scim2Target
from tests.recording import recorded


def of(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_nothing_is_told_to_anybody_while_nobody_records() -> None:
    with Scim2Target() as target, Http(allow_private=True) as http:
        with spans.span("work", attributes={"a": 1}) as span, spans.under("00-ab-cd-01"):
            span.add({"b": 2})
            span.fail("Never")
            http.request("GET", target.settings["user_endpoint"])

        assert not span
        assert (spans.here(), spans.ids(), spans.recording()) == ("", {}, False)
        assert "traceparent" not in target.log[0].headers


def test_an_error_goes_through_where_nobody_records() -> None:
    with pytest.raises(ZeroDivisionError), spans.span("work"):
        raise ZeroDivisionError


def test_a_request_is_a_clients_span_by_the_conventions() -> None:
    with recorded() as recording, Scim2Target() as target, Http(allow_private=True) as http:
        http.request("GET", f"{target.settings['user_endpoint']}?filter=userName eq kim")

        (span,) = recording.named("GET")
        context = span.get_span_context()
        assert context is not None
        assert of(span) == {
            "http.request.method": "GET",
            "url.full": f"{target.url}/REDACTED",
            "server.address": "127.0.0.1",
            "server.port": target.port,
            "http.response.status_code": 401,
            "error.type": "401",
        }
        assert span.kind.name == "CLIENT"
        ours = f"00-{context.trace_id:032x}-{context.span_id:016x}-"
        assert re.fullmatch(f"{ours}0[0-9]", target.log[0].headers["traceparent"])


def test_an_answer_that_is_lost_fails_the_span_by_name() -> None:
    with recorded() as recording, Scim2Target() as target, Http(allow_private=True) as http:
        target.drop_next()
        with pytest.raises(RetryLater):
            http.request("POST", target.settings["user_endpoint"], json={"userName": "kim"})

        (span,) = recording.named("POST")
        assert of(span)["error.type"] == "RetryLater"
        assert of(span)["server.port"] == target.port
        assert (span.status.is_ok, span.status.description, span.events) == (False, None, ())


def test_a_request_that_cannot_be_made_fails_the_span_too() -> None:
    with recorded() as recording, Http(allow_private=True) as http:
        with pytest.raises(ConnectorIsWrong):
            http.request("GET", "gopher://partner.example")

        (span,) = recording.named("GET")
        assert of(span) == {"error.type": "ConnectorIsWrong"}
