"""Two workers claim removals at one moment: together no more than the guard allows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from idp.models import OutboundConnector
from provisioning.models import GUARD, GuardWindow, Job, ProvisionedEntity, State
from provisioning.outbox import claiming
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Step, Store
from tests.flows.test_side_by_side import workers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="one writer at a time; runs on PostgreSQL"
    ),
]
PEOPLE, ALLOWED = 20, 3


@pytest.fixture
def leaving(row: OutboundTarget, store: Store, deliver: Step) -> OutboundConnector:
    """Twenty people are at the target and shall go; three may in a window."""
    ids = [store.add_user(f"person-{n}").entity_id for n in range(PEOPLE)]
    deliver()
    OutboundConnector.objects.update(guard_max_count=ALLOWED)
    for one in ids:
        store.delete_user(one)
    return OutboundConnector.objects.select_related("provider__tenant").get()


class Claimer(threading.Thread):
    """Claims once, on a database connection of its own."""

    def __init__(self, connector: OutboundConnector) -> None:
        super().__init__(daemon=True)
        self.connector = connector
        self.backend = 0
        self.connected = threading.Event()
        self.jobs: list[Job] = []

    def run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                [self.backend] = cursor.fetchone()
            self.connected.set()
            self.jobs = list(claiming.claim(self.connector, ALLOWED + 2).jobs)
        finally:
            connections.close_all()


def wait_until(so: Callable[[], bool], seconds: float = 60) -> None:
    pause = threading.Event()
    for _ in range(int(seconds * 50)):
        if so():
            return
        pause.wait(0.02)
    raise AssertionError("it did not come to that")


def all_wait(backends: list[int]) -> bool:
    """Whether each of them waits for a lock that another one has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM unnest(%s::int[]) AS pid "
            "WHERE cardinality(pg_blocking_pids(pid)) > 0",
            [backends],
        )
        [count] = cursor.fetchone()
    return bool(count == len(backends))


def test_two_claims_that_meet_inside_the_guard_count_together(
    leaving: OutboundConnector,
) -> None:
    """Both are stopped before they can write what they have counted: without the lock on
    the connector's row each would have counted from nothing."""
    GuardWindow.objects.create(connector=leaving, of="users", began=timezone.now(), base=PEOPLE)
    claimers = [Claimer(leaving), Claimer(leaving)]
    with transaction.atomic():
        GuardWindow.objects.select_for_update().get()
        for claimer in claimers:
            claimer.start()
        assert all(claimer.connected.wait(60) for claimer in claimers)
        wait_until(lambda: all_wait([claimer.backend for claimer in claimers]))
    for claimer in claimers:
        claimer.join(60)

    taken = [job.pk for claimer in claimers for job in claimer.jobs]
    assert len(taken) == len(set(taken)) == ALLOWED
    assert GuardWindow.objects.get().counted == ALLOWED
    assert Job.objects.filter(state=State.HELD, reason_code=GUARD).count() == PEOPLE - ALLOWED


@pytest.mark.parametrize("way", ["deletes", "withdrawals"])
def test_two_workers_let_no_more_than_that_leave(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step, way: str
) -> None:
    ids: list[Any] = [store.add_user(f"person-{n}").entity_id for n in range(PEOPLE)]
    staff = store.add_group("staff", add=ids).entity_id
    deliver()
    assert len(target.users) == PEOPLE
    OutboundConnector.objects.update(guard_max_count=ALLOWED)
    if way == "withdrawals":
        row.provider.provisioning_roles = ["staff"]
        row.provider.save()
    with workers(2):
        if way == "withdrawals":
            store.set_group(staff, remove=ids)
        else:
            for one in ids:
                store.delete_user(one)
        people = Job.objects.filter(entity_type="user")
        going = people.filter(state__in=[State.PENDING, State.RUNNING])
        wait_until(lambda: not going.exists())

    assert len(target.users) == PEOPLE - ALLOWED
    links = ProvisionedEntity.objects.filter(entity_type="user")
    assert links.count() == PEOPLE - ALLOWED
    assert people.filter(state=State.HELD, reason_code=GUARD).count() == PEOPLE - ALLOWED
