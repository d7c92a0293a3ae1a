"""Products with their profiles, from the change to the account there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from idp.models import OutboundConnector
from provisioning import operations
from provisioning.models import ConnectorHealth, Job, State
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes import scim2_products as products
from tests.fakes.scim2_product import Product
from tests.flows.conftest import Step, Store

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[[type[Product], str], Any]


@pytest.fixture
def start(resident: ServiceProvider) -> Iterator[Start]:
    """The product as a target of everybody; what was refused is a failure."""
    running: list[Product] = []
    with ExitStack() as stack:

        def start(product: type[Product], profile: str) -> Product:
            target = stack.enter_context(product(more={"profile": profile}))
            running.append(target)
            connector = make_connector(resident.tenant, target.settings)
            send_to(resident, connector)
            return target

        yield start
    assert [refused for target in running for refused in target.violations] == []


def test_throttling_in_disguise_delays_the_job_and_blames_nobody(
    start: Start, store: Store, deliver: Step, later: Step
) -> None:
    target = start(products.GithubLike, "github")
    headers = {"X-RateLimit-Remaining": "0"}
    target.fail_next(403, headers=headers, document={"message": "come back later"})
    store.add_user("kim")
    now = timezone.now()
    deliver()

    waiting = Job.objects.get()
    assert waiting.state == State.PENDING
    health = ConnectorHealth.objects.get()
    assert health.paused_until is not None
    assert health.paused_until > now + timedelta(seconds=50)
    assert health.quarantined_at is None

    later()
    deliver()
    assert [user["userName"] for user in target.users.values()] == ["kim"]


@pytest.mark.parametrize("action", ["delete", "disable"])
def test_somebody_who_left_slack_comes_back_to_the_same_account(
    start: Start, store: Store, deliver: Step, action: str
) -> None:
    target = start(products.SlackLike, "slack")
    OutboundConnector.objects.update(delete_action=action)
    kim = store.add_user("kim", external_id="hr-1")
    deliver()
    store.delete_user(kim.entity_id)
    deliver()
    [there] = target.users.values()
    assert there["active"] is False

    store.add_user("kim", external_id="hr-1")
    deliver()
    if action == "delete":
        held = Job.objects.filter(state=State.HELD)
        assert "disabled there" in held.get().reason
        operations.release(held, actor="ops")
        deliver()

    assert [(u["id"], u["active"]) for u in target.users.values()] == [(there["id"], True)]


def test_somebody_disabled_at_pagerduty_is_made_anew(
    start: Start, store: Store, deliver: Step
) -> None:
    target = start(products.PagerdutyLike, "pagerduty")
    named = {"displayName": "Kim Lee"}
    kim = store.add_user("kim", document=named)
    deliver()
    [old] = target.users

    store.set_user(kim.entity_id, "kim", document=named, active=False)
    deliver()
    assert target.users == {}
    store.set_user(kim.entity_id, "kim", document={**named, "title": "Dr"}, active=False)
    deliver()
    assert target.users == {}
    store.set_user(kim.entity_id, "kim", document=named, active=True)
    deliver()

    [new] = target.users.values()
    assert new["id"] != old
    assert not Job.objects.filter(state=State.FAILED).exists()


def test_a_group_made_by_hand_at_salesforce_is_kept(
    start: Start, store: Store, deliver: Step
) -> None:
    target = start(products.SalesforceLike, "salesforce")
    target.add_group("sales")
    kim = store.add_user("kim")
    sales = store.add_group("sales", members=[kim.entity_id])
    deliver()
    assert target.member_names("sales") == ["kim"]

    store.delete_group(sales.entity_id)
    deliver()

    assert target.member_names("sales") == []
    assert not Job.objects.filter(state=State.FAILED).exists()
