"""Denied at 18:00, sent at 09:00, without a click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from idp.models import OutboundConnector
from provisioning import housekeeping, ticks
from provisioning.models import Policy
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Publish, Step, Store, names
from tests.flows.policies import (
    DENY_OTHERS,
    between,
    policy,
    rule,
)

pytestmark = pytest.mark.django_db(transaction=True)
BY_CLOCK = (
    '<AdviceExpressions><AdviceExpression AdviceId="urn:purveyor:withdraw-by-clock" '
    'AppliesTo="Deny"/></AdviceExpressions>'
)


def test_office_hours_open_without_a_click(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], deliver: Step,
) -> None:  # fmt: skip
    publish(policy("r", rule("hours", "Permit", between("09:00:00", "17:00:00")), DENY_OTHERS))
    evening = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)

    def a_worker_looks() -> None:
        for task in housekeeping.TASKS:
            if task.name in ("ask rules by the clock", "reconsider"):
                ticks.run(task)
        deliver()

    with time_machine.travel(evening, tick=False) as clock:
        held = store.add_user("kim")
        a_worker_looks()
        assert "denied" in held.outcomes[0].reason
        assert "at this time" in held.outcomes[0].reason
        for _ in range(14):
            clock.shift(timedelta(hours=1))
            a_worker_looks()
        assert names(target) == []

        clock.shift(timedelta(hours=1))
        a_worker_looks()

    assert names(target) == ["kim"]


def test_the_time_is_the_tenants(
    asking: OutboundTarget, target: Scim2Target, store: Store,
    publish: Callable[..., Policy], deliver: Step,
) -> None:  # fmt: skip
    tenant = store.service_provider.tenant
    tenant.time_zone = "Asia/Tokyo"
    tenant.save()
    publish(policy("r", rule("hours", "Permit", between("09:00:00", "17:00:00")), DENY_OTHERS))

    with time_machine.travel(datetime(2026, 5, 4, 1, 0, tzinfo=UTC), tick=False):
        store.service_provider.tenant.refresh_from_db()
        store.add_user("kim")
        deliver()

    assert names(target) == ["kim"]


@pytest.mark.usefixtures("asking")
def test_a_policy_may_close_accounts_at_night(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step
) -> None:
    OutboundConnector.objects.update(on_deny="withdraw")
    hours = rule("hours", "Permit", between("09:00:00", "17:00:00"))
    publish(policy("r", hours, DENY_OTHERS, duties=BY_CLOCK))

    def an_hour_passes() -> None:
        clock.shift(timedelta(hours=1))
        for task in housekeeping.TASKS:
            if task.name in ("follow policies", "ask rules by the clock", "reconsider"):
                ticks.run(task)
        deliver()

    with time_machine.travel(datetime(2026, 5, 4, 15, 0, tzinfo=UTC), tick=False) as clock:
        store.add_user("kim")
        an_hour_passes()
        assert names(target) == ["kim"]
        an_hour_passes()
        an_hour_passes()
        assert names(target) == []
        for _ in range(15):
            an_hour_passes()

    assert names(target) == ["kim"]
