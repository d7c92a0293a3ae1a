"""Roles that stand for permission sets at Salesforce, and what becomes of people when a role
stands for something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from idp import presets
from idp.models import Tenant
from provisioning import reconsidering
from provisioning.configuration import apply
from provisioning.models import Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.salesforce import SalesforceOrg
from tests.fakes.salesforce_rows import CLOUD
from tests.flows.conftest import only
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


@pytest.fixture
def org() -> Iterator[SalesforceOrg]:
    with SalesforceOrg() as running:
        yield running


@pytest.fixture
def scim(client: Client, tenant: Tenant, resident: ServiceProvider, org: SalesforceOrg) -> Scim:
    made = make_connector(tenant, org.settings, type="salesforce")
    presets.take(made.provider)
    send_to(resident, made)
    make_operator(tenant)
    return Scim(client, credentials=basic())


def person(name: str) -> dict[str, Any]:
    mail = {"value": f"{name}@home.example", "primary": True}
    return {"name": {"familyName": name.title()}, "emails": [mail]}


def map_role(remote: str) -> None:
    provider = {"name": "partner", "role_mappings": [{"local": "sales", "remote": remote}]}
    tenant = {"domain": "carbon.super", "identity_providers": [provider]}
    apply({"version": 1, "tenants": [tenant]}, actor="ops")
    while reconsidering.work():
        pass


def names(org: SalesforceOrg, group_id: str) -> list[str]:
    ids = org.member_ids(group_id)
    return sorted(org.users[one]["Username"].partition("@")[0] for one in ids)


def test_a_role_that_stands_for_a_permission_set_assigns_it(
    scim: Scim, org: SalesforceOrg, deliver: Step
) -> None:
    map_role("PermissionSet:Sales Cloud")
    kim = scim.make_user("kim", **person("kim"))["id"]
    group = scim.make_group("sales", [kim])
    deliver()
    [cloud] = org.objects["PermissionSet"]
    assert org.member_ids(cloud) == [only(org.users)["Id"]]
    assert org.objects["Group"] == {}

    scim.patch(f"/Groups/{group['id']}", {"op": "remove", "path": "members"})
    deliver()
    assert org.member_ids(cloud) == []


def test_when_a_role_stands_for_something_else_people_leave_what_it_stood_for(
    scim: Scim, org: SalesforceOrg, deliver: Step
) -> None:
    org.assign(org.add_user("max@acme.example")["Id"], CLOUD)
    cloud, desk = CLOUD, org.add_permission_set("Desk")
    kim, lee = (scim.make_user(name, **person(name))["id"] for name in ("kim", "lee"))
    group = scim.make_group("sales", [kim, lee])
    deliver()
    [public] = org.objects["Group"]
    assert names(org, public) == ["kim", "lee"]

    map_role("PermissionSet:Sales Cloud")
    deliver()
    assert (names(org, public), names(org, cloud)) == ([], ["kim", "lee", "max"])
    map_role("PermissionSet:Desk")
    deliver()
    assert (names(org, cloud), names(org, desk)) == (["max"], ["kim", "lee"])
    map_role("crew")
    deliver()
    assert (names(org, cloud), names(org, desk)) == (["max"], [])
    crew = next(row["Id"] for row in org.objects["Group"].values() if row["Name"] == "crew")
    assert names(org, crew) == ["kim", "lee"]

    map_role("PermissionSet:Desk")
    scim.patch(f"/Groups/{group['id']}", {"op": "remove", "path": f'members[value eq "{lee}"]'})
    deliver()
    assert (names(org, crew), names(org, desk)) == ([], ["kim"])

    scim("DELETE", f"/Groups/{group['id']}")
    deliver()
    assert (names(org, cloud), names(org, desk)) == (["max"], [])
    assert set(Job.objects.values_list("state", flat=True)) <= {State.DONE, State.SUPERSEDED}
    assert not ProvisionedEntity.objects.filter(entity_type="group").exists()
