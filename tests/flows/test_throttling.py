"""What a target says about its limits is heeded by all who would ask it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from idp.models import OutboundConnector
from provisioning import budgets
from provisioning.changes import Result
from provisioning.models import ConnectorBudget, ConnectorHealth, Job, State
from provisioning.worker import Worker
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.flows.test_side_by_side import together

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAUSE = {"Retry-After": "30"}
Step = Callable[[], None]


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(START, tick=False) as clock:
        yield clock


def look(threads: int = 2) -> None:
    Worker(threading.Event(), threads).run(once=True)


def force() -> budgets.Force:
    connector = OutboundConnector.objects.select_related("spent").get()
    return budgets.in_force(connector, budgets.row_of(connector), timezone.now())


@pytest.mark.parametrize("as_date", [False, True])
def test_nobody_asks_again_for_thirty_seconds(
    row: OutboundTarget,
    target: Scim2Target,
    store: Store,
    clock: time_machine.Coordinates,
    as_date: bool,
) -> None:
    asked = format_datetime(START + timedelta(seconds=30), usegmt=True) if as_date else "30"
    date = {"Date": format_datetime(START, usegmt=True)}
    target.fail_next(429, headers={"Retry-After": asked, **(date if as_date else {})})
    for number in range(5):
        store.add_user(f"person-{number}")
    look(threads=1)
    assert len(target.log) == 1

    for _ in range(29):
        clock.shift(1)
        look()
        look()
    assert len(target.log) == 1

    clock.shift(1.5)
    look()
    assert len(target.users) == 5


def test_nor_does_a_request_that_somebody_waits_for(
    resident: ServiceProvider,
    connector: OutboundConnector,
    target: Scim2Target,
    store: Store,
    clock: time_machine.Coordinates,
) -> None:
    send_to(resident, connector, blocking=True)
    target.fail_next(429, headers=PAUSE)
    store.add_user("kim")
    clock.shift(29)
    [outcome] = store.add_user("lee").outcomes
    assert (outcome.result, len(target.log)) == (Result.FAILED, 1)
    said = "not delivered in time. The target asked to wait until 2026-03-02 09:00:30"
    assert outcome.reason == said

    clock.shift(2)
    [outcome] = store.add_user("max").outcomes
    assert outcome.result == Result.DONE


def test_nor_does_the_probe_of_a_quarantine(
    row: OutboundTarget, target: Scim2Target, store: Store, clock: time_machine.Coordinates
) -> None:
    target.fail_next(401)
    store.add_user("kim")
    look()
    clock.shift(31)
    target.fail_next(503, headers={"Retry-After": "300"})
    look()  # the probe
    assert len(target.log) == 2

    ConnectorHealth.objects.update(probe_at=timezone.now())
    clock.shift(290)
    look()
    assert len(target.log) == 2

    clock.shift(11)
    look()
    assert len(target.users) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"RateLimit-Limit": "9", "RateLimit-Remaining": "0", "RateLimit-Reset": "20"},
        {"RateLimit": '"default";r=0;t=20'},
        {
            "X-RateLimit-Limit": "9",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(int(START.timestamp()) + 20),
        },
    ],
)
def test_a_limit_that_is_used_up_is_not_run_into(
    row: OutboundTarget,
    target: Scim2Target,
    store: Store,
    clock: time_machine.Coordinates,
    headers: dict[str, str],
) -> None:
    """The target took this one, and says that it was the last for now."""
    answer = {"schemas": [], "id": "r-1", "userName": "kim"}
    target.fail_next(
        201, headers={"Date": format_datetime(START, usegmt=True), **headers}, document=answer
    )
    for name in ("kim", "lee"):
        store.add_user(name)
    look(threads=1)
    assert Job.objects.filter(state=State.DONE).count() == 1
    clock.shift(19)
    look()
    assert len(target.log) == 1

    clock.shift(2)
    look()
    assert Job.objects.filter(state=State.DONE).count() == 2


def test_what_is_nearly_used_up_is_spread_over_the_time_left(
    row: OutboundTarget, target: Scim2Target, store: Store, clock: time_machine.Coordinates
) -> None:
    told = {"RateLimit-Limit": "100", "RateLimit-Remaining": "5", "RateLimit-Reset": "50"}
    target.fail_next(
        201, headers=told, document={"schemas": [], "id": "r-1", "userName": "kim"}
    )
    store.add_user("kim")
    look()
    assert force().rate == pytest.approx(0.1)

    clock.shift(51)
    assert (force().rate, force().lowered) == (None, False)


def test_a_refusal_after_the_pause_halves_the_rate_and_it_comes_back_slowly(
    row: OutboundTarget, target: Scim2Target, store: Store, clock: time_machine.Coordinates
) -> None:
    OutboundConnector.objects.update(requests_per_second=10, concurrency=4)
    store.add_user("kim")
    target.fail_next(429, headers=PAUSE, times=2)
    look(threads=1)
    assert (force().rate, force().lowered) == (10, False)  # once is a pause, and no more

    clock.shift(31)
    look(threads=1)
    assert (force().rate, force().width) == (5, 2)
    assert "refused again" in ConnectorBudget.objects.get().lowered_because

    clock.shift(30 + 60)
    assert force().rate == pytest.approx(5.5)
    clock.shift(60)
    assert force().rate == pytest.approx(6.05)
    clock.shift(3600)
    assert (force().rate, force().width, force().lowered) == (10, 4, False)


def test_refusals_of_the_same_moment_count_once(
    row: OutboundTarget, target: Scim2Target, store: Store, clock: time_machine.Coordinates
) -> None:
    OutboundConnector.objects.update(requests_per_second=10)
    for number in range(8):
        store.add_user(f"person-{number}")
    target.fail_next(429, headers=PAUSE, times=4)
    look(threads=4)

    assert (force().rate, force().lowered) == (10, False)


@pytest.mark.parametrize(
    ("status", "detail"), [(403, "quotaExceeded"), (500, "Rate limit of the tenant reached")]
)
def test_throttling_in_disguise_lowers_a_rate_that_nobody_set(
    row: OutboundTarget,
    target: Scim2Target,
    store: Store,
    clock: time_machine.Coordinates,
    status: int,
    detail: str,
) -> None:
    target.fail_next(status, document={"detail": detail}, headers=PAUSE)
    for number in range(40):
        store.add_user(f"person-{number}")
    look(threads=1)
    assert force().rate is None

    clock.shift(32)
    target.fail_next(status, document={"detail": detail}, headers=PAUSE)
    look(threads=1)

    lowered = force().rate
    assert lowered is not None
    assert lowered == pytest.approx(0.25)  # of half a request a second, a half
    for _ in range(40):
        clock.shift(60)
        look()
    assert len(target.users) == 40
    clock.shift(3 * 3600)
    store.add_user("kim")
    look()
    assert not ConnectorBudget.objects.exists()  # and then it costs nothing any more


def test_another_budget_forgets_what_was_lowered_but_not_the_pause(
    row: OutboundTarget, target: Scim2Target, store: Store, clock: time_machine.Coordinates
) -> None:
    OutboundConnector.objects.update(requests_per_second=10)
    store.add_user("kim")
    target.fail_next(429, headers=PAUSE, times=2)
    look()
    clock.shift(31)
    look()
    assert force().lowered

    OutboundConnector.objects.update(requests_per_second=8)
    assert (force().rate, force().lowered) == (8, False)
    look()
    assert len(target.log) == 2
    clock.shift(31)
    look()
    assert len(target.users) == 1
    assert ConnectorBudget.objects.get().lowered_rate is None


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="one writer at a time; runs on PostgreSQL"
)
def test_two_workers_at_once_send_what_is_under_way_and_then_nothing(
    row: OutboundTarget, target: Scim2Target, store: Store
) -> None:
    """No clock is moved: each of them runs for real, on a connection of its own."""
    for number in range(40):
        store.add_user(f"person-{number}")
    target.fail_next(429, headers={"Retry-After": "300"}, times=1000)

    assert together(2, lambda _: look(threads=2)) == []

    assert 1 <= len(target.log) <= 4
    tried = Job.objects.filter(attempts__gt=0).count()
    assert (tried, Job.objects.filter(state=State.PENDING).count()) == (len(target.log), 40)
    before = len(target.log)
    assert together(2, lambda _: look(threads=2)) == []
    assert len(target.log) == before
