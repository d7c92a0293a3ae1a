"""So many requests under way at a time at a target, however many workers there are."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection

from connectors.testing.misbehaviour import Reply, Request
from idp.models import OutboundConnector, new_id
from provisioning.budgets.seats import ALIVE
from provisioning.delivery.lanes import Finished, Lane
from provisioning.delivery.returns import Returns
from provisioning.models import ConnectorHealth, Job, Seats, State
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.test_budgets import wait_in_line
from tests.flows.test_guard_side_by_side import wait_until
from tests.flows.test_side_by_side import workers

pytestmark = pytest.mark.django_db(transaction=True)
WIDTH = 3
PEOPLE = 40
several = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="one writer at a time; runs on PostgreSQL"
)


@pytest.fixture(autouse=True)
def three_at_a_time(row: OutboundTarget) -> None:
    OutboundConnector.objects.update(concurrency=WIDTH)


class Watched:
    """The most requests that were under way at once."""

    def __init__(self, target: Scim2Target) -> None:
        self.most = self._now = 0
        self._lock = threading.Lock()
        self._answer = target.answer
        target.answer = self.answer  # type: ignore[method-assign]

    def answer(self, request: Request) -> Reply | None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            return self._answer(request)
        finally:
            with self._lock:
                self._now -= 1


@several
def test_four_workers_share_the_three(resident: ServiceProvider, target: Scim2Target) -> None:
    wait_in_line(resident, PEOPLE)
    watched, slow = Watched(target), target.hang_next(times=PEOPLE)
    with workers(4):
        target.wait_for_requests(WIDTH)
        wait_until(lambda: Seats.objects.count() == 4)  # everybody has asked
        assert sum(Seats.objects.values_list("held", flat=True)) == WIDTH
        assert target.count_requests() == WIDTH
        slow.release()
        wait_until(lambda: Job.objects.filter(state=State.DONE).count() == PEOPLE)
        wait_until(lambda: not Seats.objects.exists())
    assert watched.most == WIDTH
    assert len(target.users) == PEOPLE


@several
def test_a_wrong_password_is_tried_three_times_by_all_of_them_together(
    resident: ServiceProvider, target: Scim2Target
) -> None:
    wait_in_line(resident, PEOPLE)
    target.password = "another"
    slow = target.hang_next(times=PEOPLE)
    with ExitStack() as stack:
        stack.enter_context(workers(2))
        target.wait_for_requests(WIDTH)
        wait_until(lambda: Seats.objects.count() == 2)
        slow.release()
        wait_until(lambda: ConnectorHealth.objects.exclude(quarantined_at=None).exists())
    assert target.count_requests() == WIDTH
    assert Job.objects.filter(state=State.PENDING).count() == PEOPLE


def test_a_worker_that_died_keeps_its_seats_for_ten_seconds(
    resident: ServiceProvider, connector: OutboundConnector
) -> None:
    with time_machine.travel(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), tick=False) as clock:
        wait_in_line(resident, 5)
        dead = Seats(connector=connector, worker=new_id(), wanted=8, held=WIDTH)
        dead.until = datetime(2026, 3, 2, 9, 0, tzinfo=UTC) + ALIVE
        dead.save()
        events: Returns[Finished] = Returns()
        lane = Lane(events)

        def look() -> bool:
            lane.refill(OutboundConnector.objects.select_related("provider__tenant").get(), 2)
            return lane.busy

        assert not look()
        assert Job.objects.filter(state=State.PENDING).count() == 5
        clock.shift(ALIVE)
        assert look()
        assert Job.objects.filter(state=State.RUNNING).count() == 5
        assert not Seats.objects.filter(pk=dead.pk).exists()


def test_who_loses_the_last_seat_hands_back_what_was_not_begun(
    resident: ServiceProvider, connector: OutboundConnector
) -> None:
    """The operator allows one where there were three, and another worker is at work."""
    wait_in_line(resident, 8)
    first, second = Lane(Returns[Finished]()), Lane(Returns[Finished]())

    def look(lane: Lane) -> None:
        lane.refill(OutboundConnector.objects.select_related("provider__tenant").get(), 1)

    look(first)
    look(second)
    assert first.busy
    assert second.busy
    OutboundConnector.objects.update(concurrency=1)
    look(second)
    second.hand_back()
    assert not second.busy
    assert second.seating.waiting
    look(first)
    first.hand_back()
    look(first)
    assert first.busy

    first.unload()
    first.hand_back()
    first.seating.keep(busy=first.busy)
    look(second)
    assert second.busy
