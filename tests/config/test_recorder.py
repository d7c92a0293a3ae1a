"""Spans by OpenTelemetry: whose child a span is, what it is linked to, what is passed on."""

from __future__ import annotations

import pytest
from opentelemetry import baggage
from opentelemetry.context import attach, detach
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import format_trace_id

from connectors import spans
from tests.recording import recorded

ONE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
NOT_SAMPLED = ONE.removesuffix("01") + "00"


def test_without_anything_around_it_a_span_is_the_child_of_its_first_cause() -> None:
    with recorded() as recording:
        with spans.span("deliver", "consumer", causes=(ONE, OTHER)) as span:
            assert span.trace_id == ONE.split("-")[1]

        (told,) = recording.named("deliver")
        assert told.parent is not None
        assert f"{told.parent.span_id:016x}" == ONE.split("-")[2]
        linked = [format_trace_id(link.context.trace_id) for link in told.links]
        assert linked == [ONE.split("-")[1], OTHER.split("-")[1]]
        assert told.kind.name == "CONSUMER"


def test_in_a_request_it_is_the_requests_child_and_linked_all_the_same() -> None:
    with recorded() as recording:
        with spans.span("request") as around, spans.span("deliver", causes=(ONE,)) as span:
            assert span.trace_id == around.trace_id

        (told,) = recording.named("deliver")
        assert len(told.links) == 1


@pytest.mark.parametrize("cause", ["", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_cause_that_says_nothing_is_passed_over(cause: str) -> None:
    with recorded() as recording:
        with spans.span("deliver", causes=(cause,)), spans.under(cause):
            pass

        (told,) = recording.named("deliver")
        assert (told.parent, told.links) == (None, ())


def test_what_began_elsewhere_goes_on_under_its_cause() -> None:
    with recorded():
        with spans.under(ONE):
            assert spans.here() == ONE
            with spans.span("publish") as span:
                assert span.trace_id == ONE.split("-")[1]

        assert spans.here() == ""


def test_a_span_that_is_not_sampled_costs_nothing_and_passes_that_on() -> None:
    with recorded(ParentBased(ALWAYS_OFF)) as recording:
        with spans.span("deliver", causes=(NOT_SAMPLED,)) as span:
            assert not span
            assert spans.here().endswith("-00")

        assert recording.named("deliver") == []


def test_an_error_is_told_by_its_class_alone() -> None:
    with recorded() as recording:
        with pytest.raises(ValueError, match="kim"), spans.span("intake.accept"):
            raise ValueError("kim is taken")

        (told,) = recording.named("intake.accept")
        assert dict(told.attributes or {}) == {"error.type": "ValueError"}
        assert (told.status.is_ok, told.status.description, told.events) == (False, None, ())


def test_a_callers_baggage_is_not_for_targets() -> None:
    token = attach(baggage.set_baggage("person", "kim"))
    try:
        with recorded(), spans.span("request"):
            assert list(spans.headers()) == ["traceparent"]
    finally:
        detach(token)


def test_a_line_of_the_log_is_told_where_it_belongs() -> None:
    with recorded(), spans.span("request") as span:
        assert spans.ids()["trace_id"] == span.trace_id
        assert len(spans.ids()["span_id"]) == 16
