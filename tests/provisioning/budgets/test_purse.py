"""Reckoning with a budget, whatever is asked of it in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from idp.models import OutboundConnector
from provisioning.budgets.force import FASTEST, SLOWEST, in_force
from provisioning.budgets.purse import Purse, fresh
from provisioning.models import ConnectorBudget

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1_500)

STEPS = st.lists(
    st.tuples(
        st.floats(0, 30),  # seconds that go by
        st.integers(1, 400),  # jobs that are asked for
        st.booleans(),  # whether somebody waits
        st.integers(0, 3),  # requests that each made
    ),
    max_size=40,
)


def connector(**budget: float) -> OutboundConnector:
    return OutboundConnector(**budget)


def row_of(one: OutboundConnector) -> ConnectorBudget:
    return fresh(one, "UTC", START)


@given(rate=st.floats(0.1, 500), burst=st.integers(1, 50), steps=STEPS)
def test_never_more_than_comes_in_and_may_burst(
    rate: float, burst: int, steps: list[tuple[float, int, bool, int]]
) -> None:
    """Beyond that only on credit: as much again for whoever waits, and what jobs needed
    that were begun together, since nobody knows it before."""
    one = connector(requests_per_second=rate, burst=burst)
    row, now, made, together = row_of(one), START, 0, 0
    for seconds, wanted, urgent, requests in steps:
        now += timedelta(seconds=seconds)
        purse = Purse(one, row, "UTC", now)
        jobs = purse.jobs(wanted, urgent=urgent)
        assert 0 <= jobs <= wanted
        most = purse.force.burst
        share = purse.take(jobs)
        purse.learn_cost(jobs * requests, jobs)
        purse.spend(jobs * (requests - share))
        made += jobs * requests
        came_in = most + rate * (now - START).total_seconds()
        together = max(together, jobs * requests)
        assert made <= came_in + most + together


@given(
    rate=st.floats(0.1, 500),
    burst=st.integers(1, 50),
    cost=st.floats(1, 20),
    tokens=st.floats(-50, 50),
)
def test_it_tells_the_moment_from_which_a_job_may_begin(
    rate: float, burst: int, cost: float, tokens: float
) -> None:
    one = connector(requests_per_second=rate, burst=burst)
    row = row_of(one)
    row.cost, row.tokens = cost, tokens
    purse = Purse(one, row, "UTC", START)
    until = purse.next_at()
    assert (until is None) == (purse.jobs(1) == 1)
    assume(until is not None)
    assert until is not None

    assert Purse(one, copied(row), "UTC", until - MOMENT * 2).jobs(1) <= 1
    assert Purse(one, copied(row), "UTC", until).jobs(1) == 1


def copied(row: ConnectorBudget) -> ConnectorBudget:
    names = [field.attname for field in row._meta.concrete_fields]
    return ConnectorBudget(**{name: getattr(row, name) for name in names})


def test_clocks_that_differ_bring_nothing_twice() -> None:
    one = connector(requests_per_second=1, burst=5)
    row = row_of(one)
    row.tokens = 0
    for seconds in (3, 1, 2, 3):
        purse = Purse(one, row, "UTC", START + timedelta(seconds=seconds))
    assert purse.row.tokens == 3


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Pacific/Kiritimati"])
def test_a_day_ends_at_the_midnight_of_its_zone(zone: str) -> None:
    one = connector(daily_quota=4)
    row = fresh(one, zone, START)
    purse = Purse(one, row, zone, START)
    purse.spend(4)
    until = purse.next_at()
    assert until is not None
    assert until.astimezone(purse._zone).strftime("%H:%M") == "00:00"
    assert purse.jobs(3) == 0

    assert Purse(one, row, zone, until - timedelta(seconds=1)).jobs(3) == 0
    assert Purse(one, row, zone, until).jobs(3) == 3


def test_a_zone_that_this_machine_does_not_know_stops_no_delivery() -> None:
    one = connector(daily_quota=4)
    purse = Purse(one, fresh(one, "Mars/Olympus", START), "Mars/Olympus", START)
    assert purse.jobs(3) == 3
    assert purse.next_day() == datetime(2026, 3, 3, tzinfo=UTC)


@given(st.floats(SLOWEST, 100), st.integers(0, 10**7))
def test_what_was_lowered_grows_until_it_is_what_was_set(lowered: float, seconds: int) -> None:
    one = connector(requests_per_second=100, burst=10)
    row = row_of(one)
    row.lowered_rate, row.lowered_at = lowered, START
    before = in_force(one, row, START + timedelta(seconds=seconds)).rate
    after = in_force(one, row, START + timedelta(seconds=seconds + 60)).rate
    assert before is not None
    assert after is not None
    assert lowered <= before <= after <= 100
    assert after == pytest.approx(min(100, before * 1.1))
    free = connector()
    row = row_of(free)
    row.lowered_rate, row.lowered_at = lowered, START
    rate = in_force(free, row, START + timedelta(seconds=seconds)).rate
    assert rate is None or rate < FASTEST
