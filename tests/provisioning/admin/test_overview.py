from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from idp.models import IdentityProvider, OutboundConnector, Tenant
from provisioning import hours, notifications, queries
from provisioning.models import Cause, ConnectorHealth, Job, Severity, State
from provisioning.notifications import Alarm, raise_alarms
from serviceproviders.models import ServiceProvider
from tests.console import SETTINGS, World, add_user, fail
from tests.factories import make_connector, send_to

INDEX = "admin:index"


def row_of(tenant: Tenant) -> queries.ConnectorRow:
    [row] = queries.connector_rows(tenant)
    return row


def test_a_new_tenant_is_told_what_to_do_first(
    console: Client, tenant: Tenant, resident: ServiceProvider
) -> None:
    def step() -> str:
        return queries.overview(tenant).next_step

    assert step() == "provider"
    IdentityProvider.objects.create(tenant=tenant, name="partner")
    assert step() == "connector"
    connector = make_connector(tenant, SETTINGS)
    assert step() == "row"
    send_to(resident, connector)
    assert step() == "user"
    assert "Add an identity provider" in console.get(reverse(INDEX)).content.decode()

    add_user(tenant, "kim")
    assert step() == ""
    assert "Add an identity provider" not in console.get(reverse(INDEX)).content.decode()


def test_a_row_says_how_its_connector_is_doing(tenant: Tenant, world: World) -> None:
    add_user(tenant, "zoe")
    held = Job.objects.filter(entity_name="zoe")
    held.update(state=State.HELD)
    job = Job.objects.first()
    assert job is not None
    hours.add(world.connector, [(job, State.DONE), (job, State.FAILED)], timezone.now())
    hours.add(world.connector, [(job, State.DONE)], timezone.now() - timedelta(hours=25))

    row = row_of(tenant)

    pending = Job.objects.filter(state=State.PENDING).count()
    assert (row.queued, row.held, row.failed, row.done_today) == (pending, 1, 1, 1)
    assert row.day.success_percent == 50
    assert row.oldest is not None
    assert 0 <= row.waiting_seconds < 600


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, "active"),
        ({"mode": "paused"}, "paused"),
        ({"mode": "dry_run"}, "dry_run"),
        ({"enabled": False}, "disabled"),
    ],
)
def test_the_state_of_a_connector_is_one_word(
    tenant: Tenant, columns: dict[str, Any], state: str
) -> None:
    connector = make_connector(tenant, SETTINGS, **columns)

    assert queries.state_of(connector) == state


def test_quarantine_shows_with_its_reason(console: Client, world: World) -> None:
    ConnectorHealth.objects.create(
        connector=world.connector,
        quarantined_at=timezone.now(),
        quarantine_reason="The target refused the key.",
    )

    page = console.get(reverse(INDEX)).content.decode()

    assert "quarantined" in page
    assert "The target refused the key." in page


def test_what_needs_a_hand_is_told_first_and_what_was_decided_beside_it(
    console: Client, tenant: Tenant, world: World
) -> None:
    raise_alarms(
        [
            Alarm(tenant, Cause.DEAD_LETTERS, "a", Severity.WARNING, "Jobs fail anew", ""),
            Alarm(tenant, Cause.QUARANTINE, "b", Severity.CRITICAL, "A key was refused", ""),
        ]
    )
    page = console.get(reverse(INDEX)).content.decode()
    assert page.index("A key was refused") < page.index("Jobs fail anew")
    assert "user.create" in page or "create" in page

    notifications.resolve(notifications.open_in(tenant))
    assert "Nothing. Should a connector stop" in console.get(reverse(INDEX)).content.decode()


def test_the_part_that_stays_up_to_date_is_for_operators_of_the_tenant(
    console: Client, tenant: Tenant, world: World
) -> None:
    part = reverse("admin:overview")
    page = console.get(part).content.decode()
    assert "SCIM 2.0" in page
    assert "<html" not in page
    assert Client().get(part).status_code == 302


def test_retired_connectors_leave_the_overview(tenant: Tenant, world: World) -> None:
    OutboundConnector.objects.update(retired_at=timezone.now())

    assert queries.connector_rows(tenant) == []


def test_the_number_of_queries_does_not_grow_with_the_work(
    console: Client, tenant: Tenant, world: World, django_assert_max_num_queries: Any
) -> None:
    def count() -> int:
        with django_assert_max_num_queries(40) as seen:
            console.get(reverse(INDEX))
        return len(seen.captured_queries)

    before = count()
    for number in range(3):
        make_connector(tenant, SETTINGS, name=f"more-{number}")
        fail(Job.objects.filter(entity_id=add_user(tenant, f"user-{number}").pk)[0])

    assert count() == before


@pytest.mark.parametrize("part", ["pending", "held", "done"])
def test_numbers_lead_to_the_jobs_they_count(console: Client, world: World, part: str) -> None:
    page = console.get(reverse(INDEX)).content.decode()

    link = f"{reverse('admin:provisioning_job_changelist')}?connector={world.connector.pk}"
    assert f"{link}&amp;state={part}" in page


def test_what_failed_leads_to_its_causes(console: Client, world: World) -> None:
    page = console.get(reverse(INDEX)).content.decode()

    assert f"{reverse('admin:dead_letters')}?connector={world.connector.pk}" in page
