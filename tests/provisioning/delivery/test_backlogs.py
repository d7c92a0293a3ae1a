"""What is leased and not begun goes back when it must not, or may not so soon, be sent."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors import Found
from idp.models import OutboundConnector
from provisioning.delivery.lanes import Finished, Lane
from provisioning.models import ConnectorBudget, ConnectorHealth, Job, Outcome, State
from provisioning.parcels import Conflict, Report
from provisioning.worker import Worker
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 6


@pytest.fixture
def connector(resident: ServiceProvider) -> OutboundConnector:
    with Scim2Target() as target:
        connector = make_connector(resident.tenant, target.settings)
    send_to(resident, connector)
    for number in range(PEOPLE):
        Store(resident).add_user(f"person-{number}")
    return connector


def leased(worker: Worker, connector: OutboundConnector) -> Lane:
    """A lane none of whose threads has begun anything."""
    lane = Lane(worker.events)
    worker.lanes[connector.pk] = lane
    lane.refill(connector, 4)
    assert len(lane.backlog) == PEOPLE
    return lane


def states() -> list[tuple[str, int]]:
    return sorted(set(Job.objects.values_list("state", "attempts")))


def test_another_budget_counts_for_what_is_leased_already(
    connector: OutboundConnector,
) -> None:
    lane = leased(Worker(threading.Event(), 4), connector)
    OutboundConnector.objects.update(requests_per_second=1, burst=2)

    lane.refill(OutboundConnector.objects.select_related("provider__tenant").get(), 4)
    assert lane.hand_back()
    assert (states(), lane.busy) == ([(State.PENDING, 0)], False)

    lane.refill(OutboundConnector.objects.select_related("provider__tenant").get(), 4)
    assert len(lane.backlog) == 2
    assert lane.again is not None


def test_other_workers_may_have_been_asked_to_wait(connector: OutboundConnector) -> None:
    worker = Worker(threading.Event(), 4)
    lane = leased(worker, connector)
    worker._shut([])
    assert len(lane.backlog) == PEOPLE  # it may still be sent

    until = timezone.now() + timedelta(seconds=30)
    ConnectorHealth.objects.create(connector=connector, paused_until=until)
    worker._shut([connector.pk])  # just looked at
    assert len(lane.backlog) == PEOPLE
    lane._leased_at = 0.0  # a while ago
    worker._shut([])

    assert lane.hand_back()
    assert (states(), lane.busy) == ([(State.PENDING, 0)], False)


def test_another_step_is_not_taken_where_the_target_asked_to_wait(
    connector: OutboundConnector,
) -> None:
    """One thread found the account there while another was asked to wait."""
    lane = leased(Worker(threading.Event(), 4), connector)
    batch, parcel = lane.backlog.popleft()
    lane.stop()
    found = Conflict(Found("r-1", parcel.entity.remote_name), in_flight=False)
    report = Report(parcel, Outcome.HELD, timezone.now(), 1, conflict=found)

    assert lane.next_steps([Finished(batch, report)]) == []

    assert not lane.backlog
    lane.hand_back()
    assert (states(), lane.busy) == ([(State.PENDING, 0)], False)


def test_what_goes_back_is_paid_back(connector: OutboundConnector) -> None:
    OutboundConnector.objects.update(requests_per_second=0.001, burst=9)
    connector.refresh_from_db()
    lane = leased(Worker(threading.Event(), 4), connector)
    assert ConnectorBudget.objects.get().tokens == pytest.approx(9 - PEOPLE, abs=0.1)

    lane.unload()
    lane.hand_back()

    row = ConnectorBudget.objects.get()
    assert (row.tokens, row.used) == (pytest.approx(9, abs=0.1), 0)
