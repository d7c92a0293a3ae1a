"""A provisioning role is gained and lost in any way there is, and counts at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from idp.models import INTERNAL, UserStore
from provisioning.configuration import apply
from provisioning.inbound import verified
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, names, scim_of

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


@pytest.fixture
def roles(row: OutboundTarget, store: Store) -> dict[str, Any]:
    """Staff and leads are provisioned; others are not."""
    verified.credentials.forget()
    tenant = store.service_provider.tenant
    UserStore.objects.get_or_create(tenant=tenant, domain=INTERNAL)
    row.provider.provisioning_roles = ["Internal/staff", "Internal/lead"]
    row.provider.save()
    return {
        name: store.add_group(f"Internal/{name}").entity_id
        for name in ("staff", "lead", "other")
    }


@pytest.mark.usefixtures("roles")
def test_at_creation(target: Scim2Target, store: Store, deliver: Step) -> None:
    store.add_user("kim", join=["Internal/staff"], document={"title": "Lead"})
    store.add_user("lee", join=["Internal/other"])
    deliver()

    assert [(u["userName"], u["title"]) for u in target.users.values()] == [("kim", "Lead")]


@pytest.mark.usefixtures("roles")
def test_by_joining_a_group_on_the_persons_own_page(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim", document={"title": "Lead"}).entity_id
    deliver()
    assert target.users == {}

    store.set_user(kim, "kim", document={"title": "Lead"}, join=["Internal/lead"])
    deliver()

    assert [(u["userName"], u["title"]) for u in target.users.values()] == [("kim", "Lead")]


def test_over_scim_by_the_resident_service_provider(
    target: Scim2Target, store: Store, deliver: Step, roles: dict[str, Any], client: Client,
) -> None:  # fmt: skip
    kim = store.add_user("kim", document={"title": "Lead"}).entity_id
    store.set_group(roles["staff"], add=[kim])
    deliver()
    assert names(target) == ["kim"]

    # An application takes the role away again, though it has no row of its own.
    tenant = store.service_provider.tenant
    portal = ServiceProvider.objects.create(tenant=tenant, name="hr-portal")
    scim = scim_of(client, portal)
    path = f'members[value eq "{kim}"]'
    answer = scim.patch(f"/Groups/{roles['staff']}", {"op": "remove", "path": path})
    assert answer.status in (200, 204), answer.body
    deliver()

    assert target.users == {}


@pytest.mark.usefixtures("roles")
def test_by_a_configuration_file(target: Scim2Target, store: Store, deliver: Step) -> None:
    store.add_user("kim")
    user = {"username": "kim", "groups": ["Internal/staff"]}
    apply({"version": 1, "tenants": [{"domain": "carbon.super", "users": [user]}]}, actor="ops")
    deliver()

    assert names(target) == ["kim"]


def test_another_listed_role_keeps_the_account(
    target: Scim2Target, store: Store, deliver: Step, roles: dict[str, Any]
) -> None:
    kim = store.add_user("kim", join=["Internal/staff", "Internal/lead"]).entity_id
    deliver()
    [account] = target.users

    store.set_group(roles["staff"], remove=[kim])
    deliver()
    assert list(target.users) == [account]
    assert not target.requests("DELETE")

    store.set_group(roles["lead"], members=[])
    deliver()
    assert target.users == {}
