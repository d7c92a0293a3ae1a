"""A client of WSO2's SOAP service brings people to a target, and away from it again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from idp.models import OutboundConnector, Tenant, User
from provisioning.models import Job, PassingEntity, State
from serviceproviders.models import OnBlockingFailure, OutboundTarget, ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import names
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim
from tests.provisioning.inbound.soap.clients import V1, Zeep

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
CLAIM = "http://wso2.org/claims/"


def pair(name: str, value: str) -> dict[str, str]:
    return {"claimURI": CLAIM + name, "value": value}


@pytest.fixture
def soap(client: Client, tenant: Tenant) -> Zeep:
    make_operator(tenant)
    return Zeep(client, basic())


@pytest.mark.usefixtures("row")
def test_a_person_comes_changes_and_leaves(
    soap: Zeep, target: Scim2Target, deliver: Step
) -> None:
    claims = [pair("givenname", "Kim"), pair("lastname", "Lee"), pair("title", "Lead")]
    soap("addUser", "kim", "a-good-secret-1", [], claims, "default", False)
    assert soap.outcome.startswith("partner/scim2=queued;job=")
    deliver()
    kim = target.user("kim")
    assert kim is not None
    assert (kim["name"]["givenName"], kim["title"], kim["active"]) == ("Kim", "Lead", True)

    soap("setUserClaimValue", "kim", CLAIM + "title", "Head", "default")
    soap("setUserClaimValues", "kim", [pair("emailaddress", "k@x.org")], "default")
    soap("deleteUserClaimValue", "kim", CLAIM + "lastname", "default")
    deliver()
    kim = target.user("kim")
    assert kim is not None
    assert (kim["title"], kim["emails"][0]["value"]) == ("Head", "k@x.org")
    assert "familyName" not in kim["name"]

    soap("setUserClaimValue", "kim", CLAIM + "identity/accountDisabled", "true", "default")
    deliver()
    kim = target.user("kim")
    assert kim is not None
    assert kim["active"] is False

    soap("deleteUser", "kim")
    assert soap.outcome.startswith("partner/scim2=queued;job=")
    deliver()
    assert names(target) == []
    states = set(Job.objects.values_list("state", flat=True))
    assert states == {State.DONE, State.SUPERSEDED}


@pytest.mark.usefixtures("row")
def test_groups_and_their_members_arrive(
    soap: Zeep, target: Scim2Target, deliver: Step
) -> None:
    soap("addUser", "kim", None, [], [], None, None)
    soap("addUser", "lee", None, [], [], None, None)
    soap("addRole", "sales", ["kim"], [])
    soap("addRole", "Internal/boss", ["kim"], [])
    deliver()
    assert target.member_names("sales") == ["kim"]
    assert [group["displayName"] for group in target.groups.values()] == ["sales"]

    soap("updateUserListOfRole", "sales", ["kim"], ["lee"])
    deliver()
    assert target.member_names("sales") == ["lee"]
    soap("updateRoleListOfUser", "kim", [], ["sales"])
    deliver()
    assert sorted(target.member_names("sales")) == ["kim", "lee"]
    soap("updateRoleListOfUser", "lee", ["sales"], [])
    soap("updateRoleName", "sales", "selling")
    deliver()
    assert target.member_names("selling") == ["kim"]
    soap("deleteRole", "selling")
    deliver()
    assert target.groups == {}


def test_a_provisioning_role_given_makes_and_taken_withdraws(
    soap: Zeep, row: OutboundTarget, target: Scim2Target, deliver: Step
) -> None:
    row.provider.provisioning_roles = ["Internal/partner"]
    row.provider.save()
    soap("addRole", "Internal/partner", [], [])
    soap("addUser", "kim", None, [], [pair("title", "Lead")], None, None)
    assert soap.outcome == "partner/scim2=skipped"
    soap("addUser", "lee", None, ["Internal/partner"], [], None, None)
    deliver()
    assert names(target) == ["lee"]

    soap("updateRoleListOfUser", "kim", [], ["Internal/partner"])
    soap("updateUserListOfRole", "Internal/partner", ["lee"], [])
    deliver()
    assert names(target) == ["kim"]
    kim = target.user("kim")
    assert kim is not None
    assert kim["title"] == "Lead"

    soap("updateRoleListOfUser", "kim", ["Internal/partner"], [])
    deliver()
    assert names(target) == []


def test_the_first_service_tells_outcomes_in_the_header(
    client: Client, soap: Zeep, row: OutboundTarget, target: Scim2Target
) -> None:
    row.blocking = True
    row.save()
    first = Zeep(client, basic(), V1)

    assert first("addUser", "kim", None, [], [], None, None) is None

    assert first.transport.last.status_code == 202
    assert first.outcome.startswith("partner/scim2=done;job=")
    assert names(target) == ["kim"]


def test_what_a_blocking_target_refuses_is_a_fault_and_undone(
    soap: Zeep, row: OutboundTarget, target: Scim2Target
) -> None:
    row.blocking, row.on_blocking_failure = True, OnBlockingFailure.REFUSE
    row.save()
    row.connector.settings = {**row.connector.settings, "user_endpoint": "http://127.0.0.1:9/U"}
    row.connector.save()

    fault = soap.fault("addUser", "kim", None, [], [], None, None)

    assert fault.code == "soapenv:Server"
    assert "partner" in fault.message
    assert soap.outcome.startswith("partner/scim2=failed")
    assert not User.objects.exists()


def test_each_tenant_has_its_own_targets(
    client: Client,
    soap: Zeep,
    row: OutboundTarget,
    other_tenant: Tenant,
    target: Scim2Target,
    second: Scim2Target,
    deliver: Step,
) -> None:
    resident = ServiceProvider.objects.get(tenant=other_tenant)
    send_to(resident, make_connector(other_tenant, second.settings))
    make_operator(other_tenant, "opa")
    there = Zeep(client, basic("opa"), base="/t/partner.example")

    soap("addUser", "here", None, [], [], None, None)
    there("addUser", "there", None, [], [], None, None)
    deliver()

    assert (names(target), names(second)) == (["here"], ["there"])


@pytest.fixture
def passing(scim: Scim, client: Client, onward: OutboundTarget) -> Zeep:
    """The portal's own client; it sends people onward and stores nobody."""
    assert scim.credentials is not None
    return Zeep(client, scim.credentials)


def test_in_dumb_mode_people_go_onward_and_are_stored_nowhere(
    passing: Zeep, target: Scim2Target, deliver: Step
) -> None:
    soap = passing
    soap("addUser", "kim", "a-good-secret-1", [], [pair("title", "Lead")], None, None)
    deliver()
    assert not User.objects.exists()
    assert target.passwords == {next(iter(target.users)): "a-good-secret-1"}

    assert soap("isExistingUser", "KIM") is True
    assert soap("listUsers", "k*", -1) == ["kim"]
    assert soap("getUserClaimValue", "kim", CLAIM + "title", "default") == "Lead"
    assert "dumb mode" in soap.fault("authenticate", "kim", "a-good-secret-1").message
    assert "dumb mode" in soap.fault("getUserList", CLAIM + "title", "Lead", None).message
    assert soap("getUserList", CLAIM + "username", "kim", None) == ["kim"]
    told = soap.fault("updateCredential", "kim", "a-new-secret-2", "a-good-secret-1")
    assert "dumb mode" in told.message
    soap("updateCredentialByAdmin", "kim", "a-new-secret-2")
    soap("setUserClaimValue", "kim", CLAIM + "title", "Head", "default")
    soap("addRole", "sales", ["kim"], [])
    assert soap("getUserListOfRole", "sales") == ["kim"]
    assert soap("getRoleNames") == ["sales"]
    deliver()
    [there] = target.users.values()
    assert there["title"] == "Head"
    assert target.passwords == {there["id"]: "a-new-secret-2"}
    assert target.member_names("sales") == ["kim"]

    soap("deleteUser", "kim")
    deliver()
    assert names(target) == []
    assert not PassingEntity.objects.filter(entity_type="user").exists()


def test_in_dumb_mode_roles_are_what_requests_say(
    passing: Zeep, connector: OutboundConnector, target: Scim2Target, deliver: Step
) -> None:
    soap = passing
    connector.provider.provisioning_roles = ["Internal/crm", "crm"]
    connector.provider.save()
    soap("addRole", "crm", [], [])
    soap("addUser", "kim", None, ["Internal/crm", "other"], [], None, None)
    soap("addUser", "lee", None, ["other"], [], None, None)
    deliver()
    assert names(target) == ["kim"]
    assert soap("getRoleListOfUser", "kim") == ["Internal/crm", "other"]

    soap("updateRoleListOfUser", "lee", ["other"], ["crm", "new"])
    soap("updateRoleListOfUser", "kim", ["internal/CRM"], [])
    assert "lee has no role other" in (
        soap.fault("updateRoleListOfUser", "lee", ["other"], []).message
    )
    deliver()
    assert names(target) == ["lee"]
    assert soap("getRoleListOfUser", "lee") == ["crm", "new"]
    assert soap("getUserListOfRole", "crm") == ["lee"]

    soap("updateRoleListOfUser", "lee", ["crm"], [])
    deliver()
    assert names(target) == []
    assert soap("getRoleListOfUser", "lee") == ["new"]
