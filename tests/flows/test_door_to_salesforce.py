"""A change at the SCIM 2.0 door or in the console, and what a Salesforce organisation holds
afterwards.

The organisation checks every request by the documents of Salesforce.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from connectors.salesforce.fields import PRESET
from idp.models import Group, OutboundConnector, Tenant, User
from provisioning.configuration import apply
from provisioning.models import Attempt, Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.console import sign_in
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.salesforce import SalesforceOrg, failure
from tests.flows.conftest import only, replaced
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
TITLE = {"remote": "Title", "local": "http://wso2.org/claims/title"}
ROWS = [
    {"remote": one.remote, "local": one.local, "constant": one.constant, "default": one.default}
    for one in PRESET
] + [TITLE]
KIM: dict[str, Any] = {
    "externalId": "hr-1",
    "name": {"givenName": "Kimberly-Ann", "familyName": "O'Lee"},
    "emails": [{"value": "kim@home.example", "type": "work", "primary": True}],
    "title": "Engineer",
}


@pytest.fixture
def org() -> Iterator[SalesforceOrg]:
    with SalesforceOrg() as running:
        yield running


@pytest.fixture
def connector(
    tenant: Tenant, resident: ServiceProvider, org: SalesforceOrg
) -> OutboundConnector:
    made = make_connector(tenant, org.settings, name="crm", type="salesforce")
    send_to(resident, made)
    map_rows(made, ROWS)
    return made


@pytest.fixture
def scim(client: Client, tenant: Tenant, connector: OutboundConnector) -> Scim:
    make_operator(tenant)
    return Scim(client, credentials=basic())


def map_rows(connector: OutboundConnector, rows: list[dict[str, str]]) -> None:
    entry = {"name": "crm", "claim_dialect": "custom", "claim_mappings": rows}
    tenant = {"domain": connector.provider.tenant.domain, "identity_providers": [entry]}
    apply({"version": 1, "tenants": [tenant]}, actor="ops")


def last_patch(org: SalesforceOrg) -> Any:
    return org.requests("PATCH", "/sobjects/User")[-1].json


def test_a_person_follows_their_whole_life(
    scim: Scim, org: SalesforceOrg, deliver: Step
) -> None:
    kim = scim.make_user("Kim", **KIM, password="never-sent-1")
    deliver()
    there = only(org.users)
    remote_id = there["Id"]
    assert there == {
        "Id": remote_id,
        "Username": "kim@acme.example",
        "Alias": "Kimberly",
        "Email": "kim@home.example",
        "EmailEncodingKey": "UTF-8",
        "FirstName": "Kimberly-Ann",
        "LanguageLocaleKey": "en_US",
        "LastName": "O'Lee",
        "LocaleSidKey": "en_US",
        "ProfileId": "00e000000000001AAA",
        "TimeZoneSidKey": "America/Los_Angeles",
        "Title": "Engineer",
        "UserPermissionsCallCenterAutoLogin": False,
        "UserPermissionsMarketingUser": False,
        "UserPermissionsOfflineUser": False,
        "IsActive": True,
    }

    path = f"/Users/{kim['id']}"
    scim.patch(path, replaced("name.familyName", "Lee"), {"op": "remove", "path": "title"})
    deliver()
    assert last_patch(org) == {"LastName": "Lee", "Title": None}
    scim.patch(path, replaced("userName", "kim.lee"))
    deliver()
    assert last_patch(org) == {"Username": "kim.lee@acme.example"}
    for active in (False, True):
        scim.patch(path, replaced("active", active))
        deliver()
        assert last_patch(org) == {"IsActive": active}

    assert scim("DELETE", path).status == 204
    deliver()
    there = only(org.users)
    assert there["IsActive"] is False
    assert there["Username"] == f"old.{remote_id.lower()}.kim.lee@acme.example"
    assert not ProvisionedEntity.objects.exists()
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}
    assert (org.passwords, org.tokens_issued) == ({}, 1)


def test_a_returner_gets_the_username_again(
    scim: Scim, org: SalesforceOrg, deliver: Step
) -> None:
    kim = scim.make_user("kim", **KIM)
    deliver()
    scim("DELETE", f"/Users/{kim['id']}")
    deliver()

    scim.make_user("kim", **KIM)
    deliver()

    assert [user["Username"][:4] for user in org.users.values()] == ["old.", "kim@"]
    assert Job.objects.last().state == State.DONE  # type: ignore[union-attr]


def test_where_leavers_are_disabled_a_returner_is_activated_again(
    scim: Scim, org: SalesforceOrg, connector: OutboundConnector, deliver: Step
) -> None:
    connector.delete_action = "disable"
    connector.save()
    kim = scim.make_user("kim", **KIM)
    deliver()
    scim("DELETE", f"/Users/{kim['id']}")
    deliver()
    assert only(org.users)["IsActive"] is False

    scim.make_user("kim", **KIM)
    deliver()

    there = only(org.users)
    assert (there["Username"], there["IsActive"]) == ("kim@acme.example", True)


def test_a_group_follows_its_members(scim: Scim, org: SalesforceOrg, deliver: Step) -> None:
    ids = [scim.make_user(name, **mailed(name))["id"] for name in ("kim", "lee", "max")]
    group = scim.make_group("staff", ids[:2])
    deliver()
    assert only(org.objects["Group"])["Name"] == "staff"
    assert members(org) == ["kim", "lee"]

    path = f"/Groups/{group['id']}"
    scim.patch(
        path,
        {"op": "add", "path": "members", "value": [{"value": ids[2]}]},
        {"op": "remove", "path": f'members[value eq "{ids[0]}"]'},
    )
    scim.patch(path, replaced("displayName", "crew"))
    deliver()
    assert only(org.objects["Group"])["Name"] == "crew"
    assert members(org) == ["lee", "max"]

    assert scim("DELETE", path).status == 204
    deliver()
    assert org.objects["Group"] == {}
    assert {user["IsActive"] for user in org.users.values()} == {True}


def mailed(name: str) -> dict[str, Any]:
    mail = {"value": f"{name}@home.example", "primary": True}
    return {"name": {"familyName": name.title()}, "emails": [mail]}


def members(org: SalesforceOrg) -> list[str]:
    [group_id] = org.objects["Group"]
    found = (org.users[member]["Username"] for member in org.member_ids(group_id))
    return sorted(name.partition("@")[0] for name in found)


def test_the_console_sends_what_the_door_sends(
    tenant: Tenant, connector: OutboundConnector, org: SalesforceOrg, deliver: Step
) -> None:
    console = sign_in(tenant)
    form = {
        "username": "pat",
        "store": "PRIMARY",
        "given_name": "Pat",
        "family_name": "Moss",
        "emails": "pat@home.example",
        "active": "on",
    }
    assert console.post(reverse("admin:idp_user_add"), form).status_code == 302
    deliver()
    assert only(org.users)["LastName"] == "Moss"

    pat = User.objects.get()
    changed = {**form, "username": "pat.moss", "version": "1"}
    del changed["active"]
    page = reverse("admin:idp_user_change", args=[pat.pk])
    assert console.post(page, changed).status_code == 302
    deliver()
    there = only(org.users)
    assert (there["Username"], there["IsActive"]) == ("pat.moss@acme.example", False)

    crew = {"name": "crew", "store": "PRIMARY", "members": "pat.moss"}
    assert console.post(reverse("admin:idp_group_add"), crew).status_code == 302
    deliver()
    assert members(org) == ["pat.moss"]

    group = Group.objects.get()
    console.post(reverse("admin:idp_group_delete", args=[group.pk]), {"post": "yes"})
    console.post(reverse("admin:idp_user_delete", args=[pat.pk]), {"post": "yes"})
    deliver()
    assert org.objects["Group"] == {}
    assert only(org.users)["Username"].startswith("old.")


def test_what_is_not_mapped_is_named_before_anything_is_sent_and_one_retry_delivers(
    scim: Scim, org: SalesforceOrg, connector: OutboundConnector, deliver: Step
) -> None:
    map_rows(connector, [row for row in ROWS if row["remote"] not in ("ProfileId", "LastName")])
    scim.make_user("kim", **KIM)
    deliver()
    job = Job.objects.get()
    assert (job.state, job.reason_code) == (State.FAILED, "configuration")
    assert "LastName, ProfileId" in job.reason
    assert org.count_requests() == 0

    map_rows(connector, ROWS)
    call_command("retry")
    deliver()

    assert Job.objects.get().state == State.DONE
    assert only(org.users)["LastName"] == "O'Lee"
    assert len(org.requests("POST", "/sobjects/User")) == 1
    assert Attempt.objects.count() == 2


def test_a_lost_answer_makes_nobody_twice(
    scim: Scim, org: SalesforceOrg, deliver: Step, later: Step
) -> None:
    org.drop_next(method="POST", path="/sobjects/User")
    scim.make_user("kim", **KIM)
    deliver()
    later()
    deliver()

    assert ProvisionedEntity.objects.get().remote_id == only(org.users)["Id"]
    assert len(org.requests("POST", "/sobjects/User")) == 1


@pytest.mark.parametrize("code", ["REQUEST_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW"])
def test_what_passes_is_waited_for(
    scim: Scim, org: SalesforceOrg, deliver: Step, later: Step, code: str
) -> None:
    status = 403 if code == "REQUEST_LIMIT_EXCEEDED" else 400
    org.fail_next(status, path="/sobjects/User", body=failure(code))
    scim.make_user("kim", **KIM)
    deliver()
    assert Job.objects.get().state == State.PENDING

    later()
    deliver()

    assert Job.objects.get().state == State.DONE
    assert len(org.users) == 1


def test_a_password_that_is_refused_does_not_make_the_user_a_stranger(
    scim: Scim, org: SalesforceOrg, connector: OutboundConnector, deliver: Step, later: Step
) -> None:
    connector.settings = {**connector.settings, "enable_password_provisioning": True}
    connector.save()
    kim = scim.make_user("kim", **KIM, password="only-letters")
    for _ in range(2):
        deliver()
        later()
    job = Job.objects.get()
    assert (job.state, job.reason_code) == (State.FAILED, "rejected")
    assert "INVALID_NEW_PASSWORD" in job.reason

    scim.patch(f"/Users/{kim['id']}", replaced("password", "letters-and-1"))
    deliver()

    there = only(org.users)
    assert org.passwords == {there["Id"]: ["letters-and-1"]}
    assert ProvisionedEntity.objects.get().remote_id == there["Id"]
    assert Job.objects.latest("created").state == State.DONE
