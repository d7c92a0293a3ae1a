from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from provisioning.budgets.seats import ALIVE, Asking, Place, is_news, seated, shares
from provisioning.models import Seats

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WIDTHS = st.integers(1, 12)


def row(worker: uuid.UUID, wanted: int, held: int, age: float = 0) -> Seats:
    until = NOW + ALIVE - timedelta(seconds=age)
    return Seats(worker=worker, wanted=wanted, held=held, until=until)


@given(st.integers(0, 30), st.lists(st.integers(0, 12), max_size=8))
def test_seats_are_shared_out_evenly_and_completely(width: int, wanted: list[int]) -> None:
    given_ = shares(width, wanted)
    assert sum(given_) == min(width, sum(wanted))
    for got, most in zip(given_, wanted, strict=True):
        assert got <= most
        # Who got less than wanted has no more than one seat less than anybody.
        assert got == most or all(got >= other - 1 for other in given_)


def test_who_comes_first_gets_what_cannot_be_split() -> None:
    assert shares(5, [8, 8]) == [3, 2]
    assert shares(2, [8, 8, 8]) == [1, 1, 0]


def test_a_second_worker_waits_for_its_half() -> None:
    first, second = Asking(uuid.uuid4(), 8, 4), Asking(uuid.uuid4(), 8, 0)
    rows = [row(first.worker, 8, 4)]
    assert seated(4, second, rows, NOW) == Place(0, 0)
    rows.append(row(second.worker, 8, 0))

    assert seated(4, first, rows, NOW) == Place(2, 4)  # two are under way still
    rows[0].held = 2
    assert seated(4, second, rows, NOW) == Place(2, 2)


def test_the_dead_hold_nothing() -> None:
    asking = Asking(uuid.uuid4(), 8, 0)
    late = ALIVE.total_seconds()
    assert seated(4, asking, [row(uuid.uuid4(), 8, 4, late - 1)], NOW) == Place(0, 0)
    assert seated(4, asking, [row(uuid.uuid4(), 8, 4, late)], NOW) == Place(4, 4)


def test_only_what_is_news_is_written() -> None:
    asking = Asking(uuid.uuid4(), 8, 0)
    assert is_news(Place(4, 4), asking, [])
    assert not is_news(Place(4, 4), asking, [row(asking.worker, 8, 4)])
    assert is_news(Place(2, 2), asking, [row(asking.worker, 8, 4)])


class Workers(RuleBasedStateMachine):
    """Workers come, send, finish and go; the width is what an operator sets, and changes."""

    @initialize(width=WIDTHS)
    def begin(self, width: int) -> None:
        self.width = width
        self.threads: dict[uuid.UUID, int] = {}
        self.granted: dict[uuid.UUID, int] = {}
        self.used: dict[uuid.UUID, int] = {}
        self.rows: dict[uuid.UUID, Seats] = {}

    @rule(threads=st.integers(1, 8))
    def come(self, threads: int) -> None:
        if len(self.threads) < 5:
            worker = uuid.uuid4()
            self.threads[worker], self.granted[worker], self.used[worker] = threads, 0, 0
            self.ask(worker)

    @rule(number=st.integers(0, 4))
    def look(self, number: int) -> None:
        if number < len(self.threads):
            self.ask(list(self.threads)[number])

    @rule(number=st.integers(0, 4), requests=st.integers(0, 8))
    def send(self, number: int, requests: int) -> None:
        """As many as are granted are under way; what was begun is finished first."""
        if number < len(self.threads):
            worker = list(self.threads)[number]
            more = min(requests, self.granted[worker] - self.used[worker])
            self.used[worker] += max(0, more)

    @rule(number=st.integers(0, 4), requests=st.integers(1, 8))
    def finish(self, number: int, requests: int) -> None:
        if number < len(self.threads):
            worker = list(self.threads)[number]
            self.used[worker] = max(0, self.used[worker] - requests)

    @rule(number=st.integers(0, 4))
    def go(self, number: int) -> None:
        if number < len(self.threads):
            worker = list(self.threads)[number]
            for of in (self.threads, self.granted, self.used, self.rows):
                of.pop(worker, None)

    @rule()
    def come_to_rest(self) -> None:
        """Once everybody has finished, a look or two later each has its share."""
        for worker in self.used:
            self.used[worker] = 0
        for worker in [*self.threads, *self.threads]:
            self.ask(worker)
        by_age = sorted(self.rows.values(), key=lambda one: one.pk)
        fair = shares(self.width, [one.wanted for one in by_age])
        assert [self.granted[one.worker] for one in by_age] == fair

    def ask(self, worker: uuid.UUID) -> None:
        asking = Asking(worker, self.threads[worker], self.used[worker])
        place = seated(self.width, asking, self.rows.values(), NOW)
        self.granted[worker] = place.granted
        if is_news(place, asking, self.rows.values()):
            known = self.rows.setdefault(worker, row(worker, asking.wanted, place.held))
            known.wanted, known.held = asking.wanted, place.held

    @invariant()
    def never_more_than_there_are(self) -> None:
        assert sum(self.used.values()) <= self.width


TestWorkers = Workers.TestCase
