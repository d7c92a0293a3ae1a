"""Maintenance: queueing goes on, nothing is delivered, and at its end what waits is due."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from idp import maintenance
from idp.models import Mode, OutboundConnector, Tenant
from provisioning import queries, status, stories
from provisioning.changes import Result
from provisioning.delivery import inline
from provisioning.delivery.lanes import Lane
from provisioning.delivery.returns import Returns
from provisioning.models import Job, State
from provisioning.outbox import claiming, gating
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.console import sign_in
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, results
from tests.provisioning.management.running import run

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


def window(tenant: Tenant, begins: timedelta, ends: timedelta) -> dict[str, Any]:
    """From then to then, as the tenant's clocks show it."""
    now = timezone.now().astimezone(tenant.zone)
    return {
        "from": f"{now + begins:%Y-%m-%dT%H:%M}",
        "to": f"{now + ends:%Y-%m-%dT%H:%M}",
    }


HOUR = timedelta(hours=1)


@pytest.fixture
def closed(
    connector: OutboundConnector, tenant: Tenant, resident: ServiceProvider
) -> OutboundConnector:
    for loaded in (tenant, resident.tenant):
        loaded.time_zone = "Asia/Kathmandu"
        loaded.save()
    connector.maintenance_windows = [window(tenant, -HOUR, HOUR)]
    connector.save()
    return connector


def test_changes_queue_until_it_is_over(
    row: OutboundTarget,
    closed: OutboundConnector,
    target: Scim2Target,
    store: Store,
    deliver: Step,
) -> None:
    store.add_user("kim")
    deliver()
    job = Job.objects.get()
    assert target.count_requests() == 0
    assert (job.state, job.attempts) == (State.PENDING, 0)

    OutboundConnector.objects.update(maintenance_windows=[])
    deliver()

    assert len(target.users) == 1


def test_the_worker_knows_when_to_look_again(
    row: OutboundTarget, closed: OutboundConnector, target: Scim2Target, store: Store
) -> None:
    store.add_user("kim")
    second = make_connector(closed.provider.tenant, target.settings, name="second")
    now = timezone.now()

    connectors, opens = gating.open_at([closed, second], now)

    assert connectors == [second]
    assert opens is not None
    assert timedelta(minutes=58) < opens - now <= HOUR
    assert claiming.workable(opens).filter(pk=closed.pk).exists()
    assert gating.open_at([closed], opens) == ([closed], None)


def test_a_claim_asks_the_windows_as_they_are_by_now(
    row: OutboundTarget, target: Scim2Target, store: Store, tenant: Tenant
) -> None:
    store.add_user("kim")
    before = OutboundConnector.objects.select_related("provider__tenant").get()
    OutboundConnector.objects.update(maintenance_windows=[window(tenant, -HOUR, HOUR)])

    assert claiming.claim(before, 5).jobs == ()


def test_what_is_leased_when_it_begins_is_given_back(
    row: OutboundTarget, target: Scim2Target, store: Store
) -> None:
    for number in range(6):
        store.add_user(f"person-{number}")
    lane = Lane(Returns())
    lane.refill(OutboundConnector.objects.select_related("provider__tenant").get(), 2)
    for batch in lane.batches:
        batch.closes = 0.0
    with ThreadPoolExecutor(2) as pool:
        lane.start(pool)
    lane.hand_back()

    assert target.count_requests() == 0
    assert set(Job.objects.values_list("state", "attempts")) == {(State.PENDING, 0)}


def test_the_beginning_of_the_next_one_is_known_while_jobs_are_leased(
    connector: OutboundConnector, tenant: Tenant
) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    connector.maintenance_windows = [window(tenant, HOUR, 2 * HOUR)]

    assert gating.seconds_open(connector, now) == HOUR.total_seconds()
    connector.maintenance_windows = []
    assert gating.seconds_open(connector, now) > 1e9


def test_a_blocking_target_cannot_be_reached_in_time_and_says_until_when(
    resident: ServiceProvider, closed: OutboundConnector, target: Scim2Target, store: Store
) -> None:
    send_to(resident, closed, blocking=True)

    accepted = store.add_user("kim")

    over = maintenance.over_at(closed, timezone.now())
    assert isinstance(over, datetime)
    assert results(accepted) == {"partner/scim2": Result.FAILED}
    said = accepted.outcomes[0].reason
    assert said.startswith("not deliverable in time: maintenance until ")
    assert said.endswith(f"{over.astimezone(closed.provider.tenant.zone):%H:%M}")
    assert Job.objects.get().state == State.PENDING


def test_the_end_goes_unnoticed_by_nobody_who_rehearses(
    row: OutboundTarget,
    closed: OutboundConnector,
    target: Scim2Target,
    store: Store,
    deliver: Step,
) -> None:
    """Targets in maintenance are not read either."""
    OutboundConnector.objects.update(mode=Mode.DRY_RUN)
    store.add_user("kim")
    deliver()

    assert target.count_requests() == 0
    assert Job.objects.get().state == State.PENDING


def test_time_in_maintenance_does_not_count_against_a_job(
    row: OutboundTarget, target: Scim2Target, store: Store, tenant: Tenant
) -> None:
    waited, later = store.add_user("waited"), store.add_user("later")
    now = timezone.now()
    long_ago = now - timedelta(hours=30)
    jobs = Job.objects.filter(entity_id=waited.entity_id)
    jobs.update(created=long_ago, not_before=long_ago, give_up_at=long_ago + 24 * HOUR)
    given_up = Job.objects.get(entity_id=later.entity_id).give_up_at
    OutboundConnector.objects.update(
        maintenance_windows=[window(tenant, timedelta(hours=-29), -HOUR)]
    )
    target.fail_next(500)
    connector = OutboundConnector.objects.select_related("provider__tenant").get()

    claimed = claiming.claim(connector, 5).jobs

    assert {job.entity_name for job in claimed} == {"waited", "later"}
    inline.deliver(connector, claimed, 30)
    job = jobs.get()
    assert job.give_up_at - long_ago == (24 + 28) * HOUR
    assert job.state == State.PENDING
    assert Job.objects.get(entity_id=later.entity_id).give_up_at == given_up


def test_it_is_told_everywhere_until_when(
    row: OutboundTarget, closed: OutboundConnector, store: Store, tenant: Tenant
) -> None:
    store.add_user("kim")
    job = Job.objects.get()
    console = sign_in(tenant)
    words = maintenance.in_words(closed, timezone.now())
    assert words.startswith("maintenance until ")

    [told] = status.status()["connectors"]
    assert told["state"] == "active"
    assert (
        datetime.fromisoformat(told["maintenance_until"])
        == queries.connector_row(closed).maintenance_until
    )
    assert "maintenance until " in run("status").out
    assert words in run("explain", "kim").out
    for page in (
        reverse("admin:index"),
        reverse("admin:idp_outboundconnector_change", args=[closed.pk]),
        reverse("admin:provisioning_job_change", args=[job.pk]),
        f"{reverse('admin:why')}?kind=user&name=kim",
    ):
        assert words in console.get(page).content.decode(), page
    assert f"The target is in {words}: it is sent then." in stories.of(job).next
