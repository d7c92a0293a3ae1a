"""A target gets so many requests in a second and in a day, however many workers there are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors import EntityType
from idp.models import OutboundConnector, Tenant
from provisioning import status, stories, targets
from provisioning.changes import Accepted, Action, Change, Door, Result, UserData
from provisioning.delivery import inline, loading
from provisioning.intake.many import accept_all
from provisioning.models import ConnectorBudget, Job, State
from provisioning.outbox import claiming, settling
from provisioning.parcels import Report
from provisioning.worker import Worker
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = 60
Step = Callable[[], None]


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(START, tick=False) as clock:
        yield clock


def wait_in_line(resident: ServiceProvider, people: int, prefix: str = "person") -> None:
    changes = (
        Change(
            tenant=resident.tenant,
            service_provider=resident,
            door=Door.CONSOLE,
            actor="ops",
            action=Action.CREATE,
            entity_type=EntityType.USER,
            user=UserData(name=f"{prefix}-{number}"),
        )
        for number in range(people)
    )
    assert all(isinstance(answer, Accepted) for answer in accept_all(changes))


def look() -> Worker:
    """One of the looks a worker takes each second; all it knows of the others is in the
    database."""
    worker = Worker(threading.Event(), 2)
    worker.run(once=True)
    return worker


def for_a_while(
    clock: time_machine.Coordinates, seconds: int, workers: int, target: Scim2Target
) -> list[int]:
    """Each of the workers looks once a second, one after another; how many requests came in
    each of the seconds."""
    came = []
    for _ in range(seconds):
        before = len(target.log)
        for _ in range(workers):
            look()
            clock.shift(1 / workers)
        came.append(len(target.log) - before)
    return came


def test_four_workers_together_keep_ten_requests_a_second_within_five_percent(
    row: OutboundTarget,
    resident: ServiceProvider,
    target: Scim2Target,
    clock: time_machine.Coordinates,
) -> None:
    OutboundConnector.objects.update(requests_per_second=10)
    wait_in_line(resident, 640)

    came = for_a_while(clock, MINUTE, 4, target)

    assert 570 <= sum(came) <= 630
    assert max(came) <= 20  # what may go at once after a quiet time is spent but once
    assert Job.objects.filter(state=State.DONE).count() == len(target.users)


def test_requests_count_and_not_jobs(
    row: OutboundTarget,
    resident: ServiceProvider,
    target: Scim2Target,
    clock: time_machine.Coordinates,
) -> None:
    """Everybody is there already, so each job creates, looks up, and updates."""
    for number in range(220):
        target.add_user(f"person-{number}", title="old")
    OutboundConnector.objects.update(requests_per_second=10)
    wait_in_line(resident, 220)

    came = for_a_while(clock, MINUTE, 4, target)

    assert 570 <= sum(came) <= 630
    done = Job.objects.filter(state=State.DONE).count()
    assert done > 150
    assert sum(came) / done > 2


def test_one_worker_alone_loses_nothing_to_its_rhythm(
    row: OutboundTarget,
    resident: ServiceProvider,
    target: Scim2Target,
    clock: time_machine.Coordinates,
) -> None:
    """It is told when there will be something, instead of looking once a second."""
    OutboundConnector.objects.update(requests_per_second=20, burst=1)
    wait_in_line(resident, 20)
    waits = []
    for _ in range(5):
        [lane] = look().lanes.values()
        assert lane.again is not None
        waits.append((lane.again - timezone.now()).total_seconds())
        clock.move_to(lane.again)

    assert 5 <= len(target.users) <= 10
    assert max(waits) <= 0.06


def test_what_is_set_anew_holds_at_once(
    row: OutboundTarget,
    resident: ServiceProvider,
    target: Scim2Target,
    clock: time_machine.Coordinates,
) -> None:
    OutboundConnector.objects.update(requests_per_second=0.1, burst=1)
    wait_in_line(resident, 50)
    assert sum(for_a_while(clock, 5, 2, target)) == 1

    OutboundConnector.objects.update(requests_per_second=10, burst=10)
    assert 35 <= sum(for_a_while(clock, 5, 2, target)) <= 50

    OutboundConnector.objects.update(requests_per_second=0)
    assert Job.objects.filter(state=State.DONE).count() == len(target.users)
    for_a_while(clock, 1, 2, target)
    assert len(target.users) == 50


def test_a_large_group_goes_in_parts(
    row: OutboundTarget, target: Scim2Target, store: Store, clock: time_machine.Coordinates
) -> None:
    """A job may make a few requests on credit; the rest of it waits until they are paid."""
    people = [store.add_user(f"person-{n}").entity_id for n in range(30)]
    look()
    target.quirks = replace(target.quirks, most_members_at_once=2)
    OutboundConnector.objects.update(requests_per_second=1, burst=1)
    store.add_group("staff", add=people)
    target.log.clear()

    came = for_a_while(clock, 90, 1, target)

    assert max(came) <= 12
    assert sum(came[:30]) <= 42
    assert len(target.member_names("staff")) == 30
    assert Job.objects.get(entity_type="group").state == State.DONE


def test_somebody_who_waits_goes_on_credit_and_the_others_wait_for_it(
    resident: ServiceProvider,
    connector: OutboundConnector,
    target: Scim2Target,
    store: Store,
    clock: time_machine.Coordinates,
) -> None:
    send_to(resident, connector, blocking=True)
    OutboundConnector.objects.update(requests_per_second=1, burst=2)

    results = [store.add_user(f"person-{n}").outcomes[0].result for n in range(6)]

    assert results == [Result.DONE] * 4 + [Result.FAILED] * 2
    assert for_a_while(clock, 4, 2, target) == [0, 0, 0, 1]
    assert for_a_while(clock, 3, 2, target) == [1, 0, 0]


def test_what_was_leased_and_not_sent_is_not_paid_for(
    row: OutboundTarget, resident: ServiceProvider, clock: time_machine.Coordinates
) -> None:
    OutboundConnector.objects.update(requests_per_second=1, burst=5)
    wait_in_line(resident, 9)
    connector = OutboundConnector.objects.select_related("provider__tenant").get()
    claimed = claiming.claim(connector, 9)
    assert len(claimed.jobs) == 5
    assert claiming.claim(connector, 9).jobs == ()

    claiming.hand_back(claimed.token, connector=connector, prepaid=claimed.prepaid)

    assert len(claiming.claim(connector, 9).jobs) == 5


def test_the_hours_of_a_job_begin_when_its_turn_has_come(
    row: OutboundTarget,
    resident: ServiceProvider,
    target: Scim2Target,
    clock: time_machine.Coordinates,
) -> None:
    OutboundConnector.objects.update(daily_quota=2)
    wait_in_line(resident, 5)
    for_a_while(clock, 1, 1, target)
    clock.shift(timedelta(days=1))
    for_a_while(clock, 1, 1, target)
    clock.shift(timedelta(days=1))
    target.fail_next(503)
    for_a_while(clock, 1, 1, target)  # older than the 24 hours it may be tried again
    [job] = Job.objects.filter(state=State.PENDING)
    assert "503" in job.reason

    clock.shift(timedelta(minutes=20))
    for_a_while(clock, 1, 1, target)
    assert len(target.users) == 5


def test_claims_at_the_same_moment_share_what_there_is(
    row: OutboundTarget, resident: ServiceProvider, clock: time_machine.Coordinates
) -> None:
    OutboundConnector.objects.update(requests_per_second=1, burst=7)
    wait_in_line(resident, 30)
    connector = OutboundConnector.objects.select_related("provider__tenant").get()
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time; runs on PostgreSQL")
    start, taken = threading.Barrier(4), []

    def claim() -> None:
        start.wait(60)
        taken.extend(job.pk for job in claiming.claim(connector, 5).jobs)
        connections.close_all()

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(taken) == len(set(taken)) == 7


def test_a_day_has_so_many_requests_and_the_next_day_goes_on(
    tenant: Tenant,
    row: OutboundTarget,
    resident: ServiceProvider,
    target: Scim2Target,
    clock: time_machine.Coordinates,
) -> None:
    """By the tenant's own clock: in Berlin it is past midnight an hour before UTC."""
    Tenant.objects.filter(pk=tenant.pk).update(time_zone="Europe/Berlin")
    OutboundConnector.objects.update(daily_quota=5)
    wait_in_line(resident, 12)

    for_a_while(clock, 3, 2, target)
    assert len(target.users) == 5
    assert ConnectorBudget.objects.get().next_at == datetime(2026, 3, 2, 23, tzinfo=UTC)
    [told] = status.status(tenant)["connectors"]
    said = "All 5 requests of today are used; it goes on at 2026-03-03 00:00."
    assert told["remarks"] == [said]
    assert told["eta_seconds"] == 14 * 3600 - 3 + 24 * 3600
    assert said in stories.of(Job.objects.filter(state=State.PENDING)[0]).next

    clock.move_to(datetime(2026, 3, 2, 22, 59, 50, tzinfo=UTC))
    for_a_while(clock, 5, 2, target)
    assert len(target.users) == 5

    clock.move_to(datetime(2026, 3, 2, 23, 0, 0, 10, tzinfo=UTC))
    for_a_while(clock, 3, 2, target)
    assert len(target.users) == 10

    clock.shift(timedelta(days=1))
    for_a_while(clock, 3, 2, target)
    assert len(target.users) == 12


@pytest.mark.parametrize(
    ("budget", "of_the_claim", "of_the_settlement"),
    [({}, 0, 0), ({"requests_per_second": 100}, 2, 2), ({"daily_quota": 100}, 2, 2)],
)
def test_who_has_no_limits_pays_nothing(
    row: OutboundTarget,
    resident: ServiceProvider,
    budget: dict[str, float],
    of_the_claim: int,
    of_the_settlement: int,
) -> None:
    """Questions to the database, beside those that delivery needs in any case."""
    OutboundConnector.objects.update(**budget)
    connector = OutboundConnector.objects.select_related("provider__tenant").get()
    seen = []
    for number in range(2):  # the first has rows to make
        wait_in_line(resident, 5, f"round-{number}")
        with CaptureQueriesContext(connection) as claim:
            claimed = claiming.claim(connector, 5)
        reports = sent(connector, claimed.jobs)
        with CaptureQueriesContext(connection) as settle:
            settling.settle(connector, reports)
        seen.append((asked(claim), asked(settle)))

    assert seen[1] == (CLAIM + of_the_claim, SETTLE + of_the_settlement)
    with CaptureQueriesContext(connection) as looked:
        list(claiming.workable(timezone.now()).select_related("provider__tenant", "spent"))
    assert asked(looked) == 1


CLAIM, SETTLE = 6, 11 if connection.vendor == "sqlite" else 10
"""As many as there are without budgets."""


def asked(captured: CaptureQueriesContext) -> int:
    words = ("SELECT", "INSERT", "UPDATE", "DELETE")
    return sum(query["sql"].startswith(words) for query in captured.captured_queries)


def sent(connector: OutboundConnector, jobs: Sequence[Job]) -> list[Report]:
    parcels, _ = loading.load(connector, jobs)
    sender = targets.open_connector(connector)
    with sender.http:
        return [inline.attempt(parcel, sender) for parcel in parcels]
