from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from idp.models import OutboundConnector, Tenant
from provisioning import hours
from provisioning.hours import DAY, Day
from provisioning.models import DeliveryHour, Job, State
from provisioning.sparklines import sparkline
from tests.console import SETTINGS
from tests.factories import make_connector

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
JOB = Job()


@pytest.fixture
def connector(tenant: Tenant) -> OutboundConnector:
    return make_connector(tenant, SETTINGS)


def ended(*states: State) -> list[tuple[Job, State]]:
    return [(JOB, state) for state in states]


def test_a_day_is_the_present_hour_and_the_23_before_it(connector: OutboundConnector) -> None:
    hours.add(connector, ended(State.DONE, State.DONE, State.FAILED, State.PENDING), NOW)
    hours.add(connector, ended(State.DONE), NOW)
    hours.add(connector, ended(State.DONE), NOW - timedelta(hours=23, minutes=29))
    hours.add(connector, ended(State.DONE), NOW - timedelta(hours=23, minutes=31))

    day = hours.last_day([connector.pk], NOW)[connector.pk]

    assert day.delivered == (1, *[0] * (DAY - 2), 3)
    assert day.failed == (*[0] * (DAY - 1), 1)
    assert day.success_percent == 80


def test_what_goes_on_is_not_counted(connector: OutboundConnector) -> None:
    hours.add(connector, ended(State.PENDING, State.HELD), NOW)
    assert not DeliveryHour.objects.exists()


def test_old_hours_are_forgotten(connector: OutboundConnector) -> None:
    for age in (timedelta(), timedelta(days=9)):
        hours.add(connector, ended(State.DONE), timezone.now() - age)
    hours.forget_old()
    assert DeliveryHour.objects.count() == 1


def test_a_picture_has_a_bar_for_each_hour_and_says_what_it_shows() -> None:
    day = Day((0,) * (DAY - 1) + (30,), (0,) * (DAY - 2) + (1, 10))

    picture = sparkline(day)

    assert picture.count("<rect") == 3
    assert "30 delivered and 11 failed in the last 24 hours" in picture
    assert sparkline(Day()) == ""
