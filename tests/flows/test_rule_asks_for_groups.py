"""A rule asks for a group: who joins it goes at once, who leaves it may be withdrawn."""

from __future__ import annotations

from typing import Any

import pytest

from idp.models import INTERNAL, OutboundConnector, UserStore
from provisioning.models import HeldBack
from serviceproviders.models import ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Publish, Step, Store, names
from tests.flows.policies import (
    DENY_OTHERS,
    has_role,
    policy,
    rule,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(store: Store) -> Any:
    UserStore.objects.get_or_create(tenant=store.service_provider.tenant, domain=INTERNAL)
    return store.add_group("Internal/staff").entity_id


@pytest.mark.usefixtures("asking")
def test_a_group_that_a_rule_asks_for_lets_its_new_members_go_at_once(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, staff: Any
) -> None:
    publish(policy("r", rule("staff", "Permit", has_role("Internal/staff")), DENY_OTHERS))
    kim = store.add_user("kim").entity_id
    lee = store.add_user("lee").entity_id
    assert HeldBack.objects.count() == 2

    # Somebody else's application adds kim; it sends nobody there itself.
    tenant = store.service_provider.tenant
    portal = ServiceProvider.objects.create(tenant=tenant, name="portal")
    Store(portal).set_group(staff, add=[kim])
    deliver()

    assert names(target) == ["kim"]
    assert [row.entity_id for row in HeldBack.objects.all()] == [lee]


@pytest.mark.usefixtures("asking")
def test_who_leaves_the_group_a_rule_asks_for_is_withdrawn_where_that_is_wanted(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, staff: Any
) -> None:
    publish(policy("r", rule("staff", "Permit", has_role("Internal/staff")), DENY_OTHERS))
    kim = store.add_user("kim", join=["Internal/staff"]).entity_id
    deliver()
    store.set_group(staff, remove=[kim])
    deliver()
    assert names(target) == ["kim"]

    OutboundConnector.objects.update(on_deny="withdraw")
    store.set_group(staff, add=[kim])
    store.set_group(staff, remove=[kim])
    deliver()

    assert names(target) == []


@pytest.mark.usefixtures("asking")
def test_an_update_that_was_held_back_is_not_forgotten_when_a_group_changes(
    target: Scim2Target, store: Store, publish: Publish, deliver: Step, staff: Any
) -> None:
    kim = store.add_user("kim", document={"title": "Clerk"}).entity_id
    deliver()
    publish(policy("r", rule("staff", "Permit", has_role("Internal/staff")), DENY_OTHERS))
    store.set_user(kim, "kim", document={"title": "Lead"})
    deliver()
    store.set_group(staff, add=[kim])
    deliver()

    assert [user["title"] for user in target.users.values()] == ["Lead"]
