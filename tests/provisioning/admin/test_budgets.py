"""The budget of requests on a connector's page: as it is set, and as it is now."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from idp.models import OutboundConnector, Tenant
from provisioning.budgets.purse import fresh
from provisioning.models import ConnectorHealth
from tests.console import SETTINGS
from tests.factories import make_connector
from tests.provisioning.admin.test_connectors import form, page_of


@pytest.fixture
def connector(tenant: Tenant) -> OutboundConnector:
    return make_connector(tenant, SETTINGS)


def shown(console: Client, connector: OutboundConnector) -> str:
    """The page's panel, as one line of text."""
    page = console.get(page_of(connector)).content.decode()
    _, found, rest = page.partition('id="budget">')
    return " ".join(rest.partition("</dd>")[0].split()) if found else ""


def test_it_is_set_with_words_that_say_what_it_does(
    console: Client, connector: OutboundConnector
) -> None:
    page = console.get(page_of(connector)).content.decode()
    assert "Budget of requests" in page
    assert "0.5 is one every two seconds" in page
    assert shown(console, connector) == ""

    set_to = {"requests_per_second": "2.5", "burst": "4", "daily_quota": "900"}
    console.post(page_of(connector), form(**set_to))

    connector.refresh_from_db()
    budget = (connector.requests_per_second, connector.burst, connector.daily_quota)
    assert budget == (2.5, 4, 900)
    assert connector.revision == 1  # nothing is planned anew for it
    assert shown(console, connector) == (
        "2.5 a second, 4 at a time; 0 made today, 900 of 900 left"
    )


def test_what_is_less_than_was_set_is_told_with_the_reason(
    console: Client, connector: OutboundConnector
) -> None:
    now = timezone.now()
    OutboundConnector.objects.update(requests_per_second=10, daily_quota=50)
    connector.refresh_from_db()
    row = fresh(connector, "UTC", now)
    row.lowered_rate, row.lowered_width, row.lowered_at = 5, 2, now
    row.lowered_because, row.used = "refused again", 50
    row.save()
    until = now + timedelta(minutes=5)
    ConnectorHealth.objects.create(connector=connector, paused_until=until)

    with time_machine.travel(now, tick=False):  # what was lowered grows by the second
        told = shown(console, connector)

    assert "5 a second (set: 10), 2 at a time; 50 made today, 0 of 50 left" in told
    assert f"The target asked to wait until {until:%Y-%m-%d %H:%M:%S}." in told
    assert "All 50 requests of today are used; it goes on at" in told
    assert "Fewer requests than set: refused again." in told
