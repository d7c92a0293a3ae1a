"""A worker that is told to stop in the middle of its work, or whose database is away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError
from django.utils import timezone

from connectors import Found
from idp.models import OutboundConnector
from provisioning import worker
from provisioning.delivery import loading
from provisioning.delivery.lanes import Batch, Finished, Lane
from provisioning.models import Job, Outcome, State
from provisioning.outbox import claiming
from provisioning.parcels import Conflict, Report
from provisioning.worker import Worker
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.log_lines import Lines

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def target() -> Iterator[Scim2Target]:
    with Scim2Target() as running:
        yield running


@pytest.fixture
def connector(resident: ServiceProvider, target: Scim2Target) -> OutboundConnector:
    connector = make_connector(resident.tenant, target.settings)
    send_to(resident, connector)
    return connector


@pytest.fixture
def found_there(
    resident: ServiceProvider, connector: OutboundConnector, target: Scim2Target
) -> Callable[[Worker], Finished]:
    """A job whose first request met an account of that name."""

    def make(worker: Worker) -> Finished:
        Store(resident).add_user("kim")
        claimed = claiming.claim(connector, 1)
        [parcel], _ = loading.load(connector, claimed.jobs)
        lane = Lane(worker.events)
        batch = Batch(lane, connector, claimed.token, 60.0, {parcel.job.pk})
        lane.batches.append(batch)
        there = target.add_user("kim")
        conflict = Conflict(Found(there["id"], "kim"), in_flight=False)
        now = timezone.now()
        report = Report(parcel, Outcome.HELD, now, 1, conflict=conflict)
        return Finished(batch, report)

    return make


def test_what_needs_another_step_goes_back_to_the_queue(
    found_there: Callable[[Worker], Finished], target: Scim2Target
) -> None:
    stopping = Worker(threading.Event(), 1)
    stopping.stop.set()
    stopping.events.put(found_there(stopping))
    stopping.run()

    job = Job.objects.get()
    assert (job.state, job.attempts) == (State.PENDING, 0)

    Worker(threading.Event(), 1).run(once=True)
    job.refresh_from_db()
    assert job.state == State.DONE
    assert len(target.users) == 1


class Interrupted(Worker):
    """Its database is away for the first three looks."""

    looks = 0

    def _look(self, pool: ThreadPoolExecutor) -> None:
        self.looks += 1
        if self.looks <= 3:
            raise OperationalError("connection refused")
        super()._look(pool)


def test_a_database_that_is_away_is_told_once_and_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    monkeypatch.setattr(worker, "POLL", 0.01)
    Interrupted(threading.Event(), 1).run(once=True)

    assert [(line["level"], line["event"]) for line in lines.events] == [
        ("error", "the database did not answer; trying again every second"),
        ("warning", "the database answers again"),
    ]
