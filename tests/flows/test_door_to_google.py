"""A change at the SCIM 2.0 door or in the console, and what Google Workspace holds afterwards.

The directory checks every request against Google's own description of its API.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from idp.models import Group, OutboundConnector, Tenant, User
from provisioning.models import Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.console import sign_in
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.google import GoogleDirectory, quota
from tests.flows.conftest import only, replaced
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
CLAIMS = "http://wso2.org/claims/"
ROWS = {
    "given": "givenname",
    "family": "lastname",
    "organizations.title": "title",
    "phones.mobile": "mobile",
    "externalIds.organization": "userid",
}
KIM: dict[str, Any] = {
    "externalId": "hr-1",
    "name": {"givenName": "Kim", "familyName": "O'Lee"},
    "title": "Engineer",
    "phoneNumbers": [{"value": "+47 1", "type": "mobile"}],
}


@pytest.fixture
def connector(
    tenant: Tenant, resident: ServiceProvider, google: GoogleDirectory
) -> OutboundConnector:
    settings = {**google.settings, "given_name_claim": "given", "family_name_claim": "family"}
    made = make_connector(tenant, settings, type="google")
    made.provider.claim_dialect = "custom"
    made.provider.save()
    for number, (remote, name) in enumerate(ROWS.items()):
        made.provider.claim_mappings.create(remote=remote, local=CLAIMS + name, order=number)
    send_to(resident, made)
    return made


@pytest.fixture
def scim(client: Client, tenant: Tenant, connector: OutboundConnector) -> Scim:
    make_operator(tenant)
    return Scim(client, credentials=basic())


def test_a_person_follows_their_whole_life(
    scim: Scim, google: GoogleDirectory, deliver: Step
) -> None:
    kim = scim.make_user("Kim", **KIM)
    deliver()
    there = only(google.users)
    assert there["primaryEmail"] == "kim@acme.example"
    assert there["name"] == {"givenName": "Kim", "familyName": "O'Lee"}
    assert there["organizations"] == [{"type": "work", "primary": True, "title": "Engineer"}]
    assert there["phones"] == [{"type": "mobile", "value": "+47 1"}]
    assert there["suspended"] is False

    path = f"/Users/{kim['id']}"
    scim.patch(path, replaced("title", "Lead"), replaced("name.familyName", "Lee"))
    deliver()
    assert google.requests("PUT")[-1].json == {
        "name": {"familyName": "Lee"},
        "organizations": [{"type": "work", "primary": True, "title": "Lead"}],
    }

    scim.patch(path, replaced("userName", "kim.lee"))
    deliver()
    assert google.requests("PUT")[-1].json == {"primaryEmail": "kim.lee@acme.example"}
    assert there["aliases"] == ["kim@acme.example"]

    for active in (False, True):
        scim.patch(path, replaced("active", active))
        deliver()
        assert google.requests("PUT")[-1].json == {"suspended": not active}

    scim.patch(path, {"op": "remove", "path": "phoneNumbers"})
    deliver()
    assert google.requests("PUT")[-1].json == {"phones": None}

    assert scim("DELETE", path).status == 204
    deliver()
    assert google.users == {}
    assert not ProvisionedEntity.objects.exists()
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}
    assert google.tokens_issued == 1


def test_a_password_goes_when_it_was_set_and_never_by_itself(
    scim: Scim, google: GoogleDirectory, deliver: Step
) -> None:
    kim = scim.make_user("kim", **KIM, password="first-Secret-1")
    scim.make_user("lee")
    deliver()
    ids = {user["primaryEmail"]: remote_id for remote_id, user in google.users.items()}
    assert google.passwords[ids["kim@acme.example"]] == "first-Secret-1"
    nobody_knows = google.passwords[ids["lee@acme.example"]]

    path = f"/Users/{kim['id']}"
    scim.patch(path, replaced("password", "second-Secret-2"))
    deliver()
    assert google.requests("PUT")[-1].json == {"password": "second-Secret-2"}
    scim.patch(path, replaced("title", "Lead"), replaced("active", False))
    deliver()

    assert "password" not in google.requests("PUT")[-1].json
    assert google.passwords == {
        ids["kim@acme.example"]: "second-Secret-2",
        ids["lee@acme.example"]: nobody_knows,
    }


def test_a_group_follows_its_members(
    scim: Scim, google: GoogleDirectory, deliver: Step
) -> None:
    ids = [scim.make_user(name)["id"] for name in ("kim", "lee", "max")]
    group = scim.make_group("Sales & Service", ids[:2])
    deliver()
    there = only(google.groups)
    assert there["email"] == "sales-service@acme.example"
    assert members(google) == ["kim", "lee"]

    path = f"/Groups/{group['id']}"
    scim.patch(
        path,
        {"op": "add", "path": "members", "value": [{"value": ids[2]}]},
        {"op": "remove", "path": f'members[value eq "{ids[0]}"]'},
    )
    scim.patch(path, replaced("displayName", "crew"))
    deliver()
    assert there["email"] == "crew@acme.example"
    assert members(google) == ["lee", "max"]

    scim("DELETE", f"/Users/{ids[1]}")
    deliver()
    assert members(google) == ["max"]

    assert scim("DELETE", path).status == 204
    deliver()
    assert google.groups == {}
    assert len(google.users) == 2


def members(google: GoogleDirectory) -> list[str]:
    [group_id] = google.groups
    found = (google.users[member]["primaryEmail"] for member in google.member_ids(group_id))
    return sorted(email.partition("@")[0] for email in found)


def test_the_console_sends_what_the_door_sends(
    tenant: Tenant, connector: OutboundConnector, google: GoogleDirectory, deliver: Step
) -> None:
    console = sign_in(tenant)
    form = {
        "username": "pat",
        "store": "PRIMARY",
        "given_name": "Pat",
        "family_name": "Moss",
        "title": "Clerk",
        "active": "on",
    }
    assert console.post(reverse("admin:idp_user_add"), form).status_code == 302
    deliver()
    assert only(google.users)["name"] == {"givenName": "Pat", "familyName": "Moss"}

    pat = User.objects.get()
    changed = {**form, "username": "pat.moss", "version": "1"}
    del changed["active"]
    page = reverse("admin:idp_user_change", args=[pat.pk])
    assert console.post(page, changed).status_code == 302
    deliver()
    there = only(google.users)
    assert (there["primaryEmail"], there["suspended"]) == ("pat.moss@acme.example", True)

    crew = {"name": "crew", "store": "PRIMARY", "members": "pat.moss"}
    assert console.post(reverse("admin:idp_group_add"), crew).status_code == 302
    deliver()
    assert members(google) == ["pat.moss"]

    group = Group.objects.get()
    console.post(reverse("admin:idp_group_delete", args=[group.pk]), {"post": "yes"})
    console.post(reverse("admin:idp_user_delete", args=[pat.pk]), {"post": "yes"})
    deliver()
    assert (google.users, google.groups) == ({}, {})


def test_a_leaver_is_suspended_where_nobody_is_to_be_deleted(
    scim: Scim, connector: OutboundConnector, google: GoogleDirectory, deliver: Step
) -> None:
    connector.delete_action = "disable"
    connector.save()
    kim = scim.make_user("kim", **KIM)
    deliver()

    scim("DELETE", f"/Users/{kim['id']}")
    deliver()

    assert only(google.users)["suspended"] is True


def test_a_user_whose_answer_was_lost_and_who_appears_late_is_made_once(
    scim: Scim, google: GoogleDirectory, deliver: Step, later: Step
) -> None:
    google.hide_new = True
    google.drop_next(method="POST", path="/users")
    scim.make_user("kim", **KIM, password="first-Secret-1")
    for _ in range(2):  # the second insert is answered: entity already exists
        deliver()
        later()
    assert Job.objects.get().state == State.PENDING
    assert [r.path[-6:] for r in google.requests("POST", "/users")] == ["/users"] * 2

    google.show()
    deliver()

    assert Job.objects.get().state == State.DONE
    assert ProvisionedEntity.objects.get().remote_id == only(google.users)["id"]
    assert set(google.passwords.values()) == {"first-Secret-1"}


def test_a_used_up_quota_is_waited_for_and_nothing_is_lost(
    scim: Scim, google: GoogleDirectory, deliver: Step, later: Step
) -> None:
    google.fail_next(403, path="/users", body=quota("quotaExceeded"))
    scim.make_user("kim", **KIM)
    deliver()
    job = Job.objects.get()
    assert (job.state, job.reason_code) == (State.PENDING, "throttled")

    later()
    deliver()

    assert only(google.users)["primaryEmail"] == "kim@acme.example"


def test_somebody_who_was_there_is_adopted_and_keeps_password_and_other_entries(
    scim: Scim, google: GoogleDirectory, deliver: Step
) -> None:
    there = google.add_user(
        "kim@acme.example",
        name={"givenName": "K", "familyName": "L"},
        password="set-by-the-admin",
        phones=[{"type": "work", "value": "7"}],
    )

    scim.make_user("kim", **KIM, password="first-Secret-1")
    deliver()

    assert Job.objects.get().state == State.DONE
    assert there["name"] == {"givenName": "Kim", "familyName": "O'Lee"}
    assert {phone["type"] for phone in there["phones"]} == {"work", "mobile"}
    assert google.passwords[there["id"]] == "set-by-the-admin"


def test_the_key_is_kept_sealed(connector: OutboundConnector, google: GoogleDirectory) -> None:
    [row] = OutboundConnector.objects.filter(pk=connector.pk).values()

    assert "PRIVATE KEY" not in repr(row)
    assert (
        "PRIVATE KEY" in OutboundConnector.objects.get(pk=connector.pk).settings["private_key"]
    )
