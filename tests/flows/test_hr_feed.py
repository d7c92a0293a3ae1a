"""A feed of people from HR that meets what a target has already."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from idp.models import OutboundConnector, Tenant
from provisioning.models import REMOVES, Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import names, scim_of
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = [f"person-{n}" for n in range(10)]


@pytest.fixture
def feed(client: Client, tenant: Tenant, target: Scim2Target) -> Scim:
    """HR's own client; the target takes passwords, has everybody already, and an admin."""
    hr = ServiceProvider.objects.create(tenant=tenant, name="hr")
    settings = {**target.settings, "enable_password_provisioning": True}
    connector = make_connector(
        tenant,
        {**settings, "default_password": "default-for-new-1"},
        protected_names=["admin"],
        guard_max_percent=20,
    )
    send_to(hr, connector)
    for name in ("admin", *PEOPLE):
        target.add_user(name, title="old")
    return scim_of(client, hr)


def test_it_takes_over_people_and_neither_their_passwords_nor_the_admin(
    feed: Scim, target: Scim2Target, deliver: Callable[[], None]
) -> None:
    made = [
        feed.make_user(name, title="new", password=f"from-hr-{name}-1")
        for name in ("admin", *PEOPLE)
    ]
    deliver()

    assert target.passwords == {}
    admin = target.user("admin")
    assert admin is not None
    assert admin["title"] == "old"
    held = Job.objects.get(state=State.HELD)
    assert (held.entity_name, held.reason_code) == ("admin", "protected_name")
    assert ProvisionedEntity.objects.filter(adopted=True).count() == len(PEOPLE)

    for one in made:
        assert feed("DELETE", f"/Users/{one['id']}").status == 204
        deliver()

    assert names(target) == sorted(["admin", *PEOPLE[2:]])
    assert admin == target.user("admin")
    guarded = Job.objects.filter(state=State.HELD, reason_code="guard", operation__in=REMOVES)
    assert guarded.count() == 8
    assert not Job.objects.filter(entity_name="admin", is_open=True).exists()


def test_without_a_guard_the_admin_stays_all_the_same(
    feed: Scim, target: Scim2Target, deliver: Callable[[], None]
) -> None:
    OutboundConnector.objects.update(guard_max_percent=0)
    admin = feed.make_user("admin", password="from-hr-admin-1")
    deliver()
    feed("PUT", f"/Users/{admin['id']}", {"userName": "admin", "active": False})
    deliver()
    feed("DELETE", f"/Users/{admin['id']}")
    deliver()

    assert names(target) == sorted(["admin", *PEOPLE])
    assert {request.method for request in target.requests("", "/Users")} == {"GET", "POST"}
    assert target.passwords == {}
