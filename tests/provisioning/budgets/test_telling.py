"""A budget in words, and how long a queue will be by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from idp.models import IdentityProvider, OutboundConnector, Tenant
from provisioning.budgets.purse import fresh
from provisioning.budgets.telling import Live, live
from provisioning.models import ConnectorHealth

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
SIX_HOURS, A_DAY = 6 * 3600, 86_400


def connector(**budget: float) -> OutboundConnector:
    provider = IdentityProvider(name="partner", tenant=Tenant(domain="t", time_zone="UTC"))
    return OutboundConnector(provider=provider, type="scim2", **budget)


def told(
    one: OutboundConnector,
    queued: int = 0,
    health: ConnectorHealth | None = None,
    **counted: Any,
) -> Live:
    row = fresh(one, "UTC", NOW)
    for name, value in counted.items():
        setattr(row, name, value)
    one.spent = row  # type: ignore[misc]  # as it is read with the connector
    return live(one, health, queued, sends=True, now=NOW)


@pytest.mark.parametrize(
    ("budget", "counted", "queued", "seconds"),
    [
        ({}, {}, 500, None),
        ({}, {}, 0, 0),
        ({"requests_per_second": 5, "burst": 10}, {}, 500, 98),
        ({"requests_per_second": 5, "burst": 10}, {"cost": 2.0}, 500, 198),
        ({"requests_per_second": 5, "burst": 10}, {"tokens": -10.0}, 500, 102),
        ({"daily_quota": 100}, {}, 100, 0),
        ({"daily_quota": 100}, {"used": 50.0}, 60, SIX_HOURS),
        ({"daily_quota": 100}, {"used": 50.0}, 260, SIX_HOURS + 2 * A_DAY),
        ({"daily_quota": 100, "requests_per_second": 1}, {"used": 50.0}, 60, SIX_HOURS + 10),
    ],
)
def test_how_long_a_queue_will_be(
    budget: dict[str, float], counted: dict[str, float], queued: int, seconds: float | None
) -> None:
    assert told(connector(**budget), queued, **counted).eta == seconds


def test_a_pause_comes_on_top() -> None:
    health = ConnectorHealth(paused_until=NOW + timedelta(seconds=30))
    one = connector(requests_per_second=1, burst=1)
    assert told(one, 11, health).eta == 40
    assert told(one, 11, ConnectorHealth(paused_until=NOW - timedelta(seconds=1))).eta == 10


def test_nobody_says_when_a_connector_is_done_that_sends_nothing() -> None:
    one = connector(requests_per_second=1)
    one.spent = fresh(one, "UTC", NOW)  # type: ignore[misc]  # as it is read with it
    assert live(one, None, 10, sends=False, now=NOW).eta is None


def test_nothing_is_said_while_all_is_as_it_was_set() -> None:
    assert told(connector()).words() == []
    assert told(connector(requests_per_second=5, daily_quota=9)).words() == []


def test_what_keeps_requests_back_is_told_in_words_and_in_the_tenants_time() -> None:
    one = connector(daily_quota=500, requests_per_second=10)
    one.provider.tenant.time_zone = "Europe/Berlin"
    row = fresh(one, "Europe/Berlin", NOW)
    row.used, row.lowered_rate, row.lowered_at = 500, 5, NOW
    row.lowered_because = "refused again"
    one.spent = row  # type: ignore[misc]  # as it is read with the connector
    health = ConnectorHealth(paused_until=NOW + timedelta(seconds=30))
    found = live(one, health, 1, sends=True, now=NOW)

    assert found.words() == [
        "The target asked to wait until 2026-03-02 19:00:30.",
        "All 500 requests of today are used; it goes on at 2026-03-03 00:00.",
        "Fewer requests than set: refused again.",
    ]
    assert found.document() == {
        "requests_per_second": 5.0,
        "concurrency": 4,
        "lowered_because": "refused again",
        "used_today": 500,
        "left_today": 0,
        "paused_until": "2026-03-02T18:00:30+00:00",
        "goes_on_at": "2026-03-03T00:00:00+01:00",
    }


def test_few_that_are_left_are_told_as_the_targets_word() -> None:
    soon = NOW + timedelta(seconds=60)
    [said] = told(connector(), spread_rate=0.5, spread_until=soon).words()
    assert "few are left" in said
