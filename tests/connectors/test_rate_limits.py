"""What targets say about their limits, in all the ways they say it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPHeaderDict

from connectors import OutOfBudget
from connectors.http import Http
from connectors.rate_limits import LONGEST, RateLimit, nearer, reset, said
from connectors.retry_after import retry_after
from tests.fakes.scim2 import Scim2Target

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "headers",
    [
        {"RateLimit-Limit": "100", "RateLimit-Remaining": "7", "RateLimit-Reset": "30"},
        {
            "RateLimit-Limit": "100, 100;w=60",
            "RateLimit-Remaining": "7",
            "RateLimit-Reset": "30",
        },
        {"RateLimit": "limit=100, remaining=7, reset=30"},
        {"RateLimit": '"default";r=7;t=30', "RateLimit-Policy": '"default";q=100;w=60'},
        {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "30"},
        {
            "x-rate-limit-limit": "100",
            "x-rate-limit-remaining": "7",
            "x-rate-limit-reset": str(int(NOW) + 30),
        },
        {
            "X-RateLimit-Limit": "100",
            "X-RateLimit-Remaining": "7",
            "X-RateLimit-Reset": str((int(NOW) + 30) * 1000),
        },
    ],
)
def test_every_family_says_the_same(headers: dict[str, str]) -> None:
    assert said(HTTPHeaderDict(headers), now=NOW) == RateLimit(100, 7, 30.0)


def test_a_moment_is_measured_by_the_clock_of_the_target() -> None:
    headers = {"X-RateLimit-Reset": str(int(NOW) + 90), "Date": "Sun, 22 Nov 2026 12:01:00 GMT"}
    assert reset(headers, now=0) == 30
    assert retry_after(headers, now=0) == 30


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"RateLimit-Remaining": "3"},
        {"RateLimit-Reset": "3"},
        {"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "60"},
        {"X-RateLimit-Remaining": "many", "X-RateLimit-Reset": "later"},
        {"RateLimit": "remaining=٣, reset=٣"},
    ],
)
def test_what_is_half_said_or_cannot_be_read_was_not_said(headers: dict[str, str]) -> None:
    assert said(headers, now=NOW) is None


@given(st.text(), st.text(), st.text())
def test_nonsense_never_raises_and_stays_in_bounds(one: str, two: str, three: str) -> None:
    headers = {"RateLimit": one, "X-RateLimit-Remaining": two, "X-RateLimit-Reset": three}
    limit = said(headers, now=NOW)
    assert limit is None or 0 <= limit.reset <= LONGEST


@given(st.integers(0, 10**20))
def test_no_reset_is_later_than_an_hour(number: int) -> None:
    seconds = reset({"X-RateLimit-Reset": str(number)}, now=NOW)
    assert seconds is None or 0 <= seconds <= LONGEST


def test_the_one_with_less_left_counts() -> None:
    many, few = RateLimit(100, 50, 9.0), RateLimit(100, 2, 9.0)
    assert nearer(many, few) == nearer(few, many) == few
    assert nearer(None, few) == nearer(few, None) == few
    assert nearer(None, None) is None


def test_http_keeps_the_least_a_job_was_told_and_sends_no_more_than_it_may() -> None:
    with Scim2Target() as target, Http(allow_private=True) as http:
        for left in (9, 3, 5):
            told = {"RateLimit-Remaining": str(left), "RateLimit-Reset": "60"}
            target.fail_next(404, headers=told)
        http.reset(allowed=3)
        for _ in range(3):
            http.request("GET", target.users_endpoint)
        with pytest.raises(OutOfBudget):
            http.request("GET", target.users_endpoint)

        assert http.limit == RateLimit(0, 3, 60.0)
        assert len(target.log) == 3
        http.reset()
        assert http.limit is None
        http.request("GET", target.users_endpoint)
