"""A change at the SCIM 2.0 door, and what a SCIM 1.1 target holds afterwards.

The target checks every request by the specification of SCIM 1.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from idp.models import OutboundConnector, Tenant
from provisioning.models import AcceptedMember, Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.scim1 import CORE, ENTERPRISE, Scim1Target
from tests.flows.conftest import only, replaced
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)
OF_2 = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
Deliver = Callable[[], None]
KIM: dict[str, Any] = {
    "externalId": "hr-1",
    "name": {"givenName": "Kim", "familyName": "O'Lee", "middleName": "J."},
    "title": "Engineer",
    "emails": [
        {"value": "kim@example.org", "type": "work", "primary": True},
        {"value": "k@home.example", "type": "home"},
    ],
    "addresses": [{"type": "work", "locality": "Köln", "country": "DE"}],
    "timezone": "Europe/Berlin",
}
WORK = {"department": "R&D", "manager": {"value": "26"}}


@pytest.fixture(params=["PATCH", "PUT"])
def target(request: pytest.FixtureRequest) -> Iterator[Scim1Target]:
    with Scim1Target(patch=request.param == "PATCH") as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connector(
    tenant: Tenant, resident: ServiceProvider, target: Scim1Target
) -> OutboundConnector:
    made = make_connector(tenant, target.settings, type="scim")
    send_to(resident, made)
    return made


@pytest.fixture
def scim(client: Client, tenant: Tenant, connector: OutboundConnector) -> Scim:
    make_operator(tenant)
    return Scim(client, credentials=basic())


def test_a_person_follows_their_whole_life(
    scim: Scim, target: Scim1Target, deliver: Deliver
) -> None:
    kim = scim.make_user("kim", **KIM, password="first-Secret-1", **{OF_2: WORK})
    deliver()
    there = only(target.users)
    remote_id = there["id"]
    assert there == {
        **KIM,
        "schemas": [CORE, ENTERPRISE],
        "id": remote_id,
        "userName": "kim",
        "active": True,
        ENTERPRISE: {"department": "R&D", "manager": {"managerId": "26"}},
    }
    assert target.passwords == {remote_id: "first-Secret-1"}

    path = f"/Users/{kim['id']}"
    scim.patch(
        path,
        replaced("title", "Lead"),
        replaced(f"{OF_2}:manager.value", "27"),
        {"op": "remove", "path": 'emails[type eq "home"]'},
        {"op": "remove", "path": "name.middleName"},
        {"op": "remove", "path": f"{OF_2}:department"},
        {"op": "remove", "path": "timezone"},
    )
    deliver()
    there = only(target.users)
    assert there["title"] == "Lead"
    assert there["name"] == {"givenName": "Kim", "familyName": "O'Lee"}
    assert [mail["value"] for mail in there["emails"]] == ["kim@example.org"]
    assert there["addresses"] == KIM["addresses"]
    assert there[ENTERPRISE] == {"manager": {"managerId": "27"}}
    assert "timezone" not in there

    scim.patch(path, replaced("userName", "kim.lee"))
    deliver()
    assert (only(target.users)["userName"], only(target.users)["id"]) == ("kim.lee", remote_id)

    for active in (False, True):
        scim.patch(path, replaced("active", active))
        deliver()
        assert only(target.users)["active"] is active

    assert scim("DELETE", path).status == 204
    deliver()
    assert target.users == {}
    assert not ProvisionedEntity.objects.exists()
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}


def test_a_group_follows_its_members(scim: Scim, target: Scim1Target, deliver: Deliver) -> None:
    kim, lee, max_ = (scim.make_user(name)["id"] for name in ("kim", "lee", "max"))
    group = scim.make_group("staff", [kim, lee])
    deliver()
    assert target.member_names("staff") == ["kim", "lee"]

    path = f"/Groups/{group['id']}"
    scim.patch(
        path,
        {"op": "add", "path": "members", "value": [{"value": max_}]},
        {"op": "remove", "path": f'members[value eq "{kim}"]'},
        replaced("displayName", "crew"),
    )
    deliver()
    assert target.member_names("crew") == ["lee", "max"]
    assert AcceptedMember.objects.count() == 2

    scim("DELETE", f"/Users/{lee}")
    deliver()
    assert target.member_names("crew") == ["max"]

    assert scim("DELETE", path).status == 204
    deliver()
    assert target.groups == {}
    assert len(target.users) == 2


def test_a_lost_answer_makes_nobody_twice(
    scim: Scim, target: Scim1Target, deliver: Deliver, later: Deliver
) -> None:
    target.drop_next(method="POST", path="/Users")
    scim.make_user("kim", **KIM)
    deliver()
    later()
    deliver()

    assert only(target.users)["userName"] == "kim"
    assert len(target.requests("POST")) == 1
    assert ProvisionedEntity.objects.get().remote_id == only(target.users)["id"]


def test_a_mapping_in_the_words_of_scim_1(
    scim: Scim, target: Scim1Target, connector: OutboundConnector, deliver: Deliver
) -> None:
    connector.provider.claim_dialect = "custom"
    connector.provider.save()
    rows = {
        "name.familyName": "lastname",
        "emails.work": "emailaddress",
        "addresses.locality": "addresses.locality",
        f"{ENTERPRISE}:manager.managerId": "manager",
        f"{OF_2}:department": "department",
    }
    for number, (remote, name) in enumerate(rows.items()):
        connector.provider.claim_mappings.create(
            remote=remote, local=f"http://wso2.org/claims/{name}", order=number
        )

    scim.make_user("kim", **KIM, **{OF_2: WORK})
    deliver()

    there = only(target.users)
    assert there["name"] == {"familyName": "O'Lee"}
    assert there["emails"] == [{"value": "kim@example.org", "type": "work"}]
    assert there["addresses"] == [{"locality": "Köln", "primary": True}]
    assert there[ENTERPRISE] == {"manager": {"managerId": "26"}, "department": "R&D"}
    assert "title" not in there
