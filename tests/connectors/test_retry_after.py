from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.retry_after import LONGEST, retry_after

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()


@given(st.integers(0, 10**30))
def test_seconds_are_taken_up_to_an_hour(seconds: int) -> None:
    assert retry_after({"Retry-After": str(seconds)}) == min(seconds, LONGEST)


@given(st.integers(-(10**6), 10**6))
def test_a_date_counts_from_now_and_is_never_negative(offset: int) -> None:
    date = format_datetime(datetime.fromtimestamp(NOW + offset, UTC), usegmt=True)

    assert retry_after({"Retry-After": date}, now=NOW) == min(max(offset, 0), LONGEST)


def test_a_date_is_measured_by_the_clock_of_the_target() -> None:
    headers = {
        "Date": "Sun, 22 Nov 2026 08:00:00 GMT",
        "Retry-After": "Sun, 22 Nov 2026 08:01:30 GMT",
    }

    assert retry_after(headers, now=NOW) == 90


@given(st.text())
def test_nonsense_never_raises_and_stays_in_bounds(text: str) -> None:
    seconds = retry_after({"Retry-After": text}, now=NOW)

    assert seconds is None or 0 <= seconds <= LONGEST


@pytest.mark.parametrize(
    "text", ["", "soon", "-5", "1e9", "Tue, 99 Foo 2026 00:00:00 GMT", "٣", "1,5"]
)
def test_what_cannot_be_read_was_not_said(text: str) -> None:
    assert retry_after({"Retry-After": text}) is None


def test_the_reset_of_a_rate_limit_serves_when_nothing_else_is_said() -> None:
    assert retry_after({"RateLimit-Reset": "12"}) == 12
    assert retry_after({"RateLimit-Reset": "12", "Retry-After": "3"}) == 3
