"""Gaining a listed role makes the account, losing the last one takes it away."""

from __future__ import annotations

import pytest

from idp.models import INTERNAL, IdentityProvider, UserStore
from provisioning.models import Job, State
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Step, Store

pytestmark = pytest.mark.django_db(transaction=True)


def test_losing_the_last_listed_role_withdraws_the_account(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    IdentityProvider.objects.update(provisioning_roles=["sales", "Internal/admin"])
    kim = store.add_user("kim", document={"title": "Lead"})
    sales = store.add_group("sales")
    admins = store.add_group("Internal/admin")
    deliver()
    assert target.users == {}

    store.set_group(sales.entity_id, add=[kim.entity_id])
    store.set_group(admins.entity_id, add=[kim.entity_id])
    deliver()
    assert [user["title"] for user in target.users.values()] == ["Lead"]

    store.set_group(sales.entity_id, remove=[kim.entity_id])
    deliver()
    assert len(target.users) == 1

    store.delete_group(admins.entity_id)
    deliver()
    assert target.users == {}


def test_a_role_lost_and_gained_again_before_it_was_sent_costs_nobody_an_account(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    IdentityProvider.objects.update(provisioning_roles=["sales", "Internal/admin"])
    kim = store.add_user("kim")
    sales = store.add_group("sales", add=[kim.entity_id])
    admins = store.add_group("Internal/admin")
    deliver()
    [before] = target.users

    store.set_group(sales.entity_id, remove=[kim.entity_id])
    store.set_group(admins.entity_id, add=[kim.entity_id])
    deliver()

    assert list(target.users) == [before]
    assert not Job.objects.filter(operation="withdraw", state=State.DONE).exists()


def test_who_has_the_role_again_before_it_was_withdrawn_keeps_the_account(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    UserStore.objects.get_or_create(tenant=store.service_provider.tenant, domain=INTERNAL)
    role = store.add_group("Internal/staff").entity_id
    IdentityProvider.objects.update(provisioning_roles=["Internal/staff"])
    kim = store.add_user("kim", join=["Internal/staff"]).entity_id
    deliver()
    [account] = target.users
    store.set_group(role, remove=[kim])
    store.set_group(role, add=[kim])
    deliver()

    assert list(target.users) == [account]
    assert not target.requests("DELETE")
