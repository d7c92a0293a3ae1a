"""A user's life through the SCIM 1.1 door, in JSON."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from idp.models import Tenant, User
from provisioning.models import AuditEvent, Job
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim
from tests.provisioning.inbound.scim11.conftest import (
    CORE,
    ENTERPRISE,
    WSO2,
    Scim1,
    described,
)

OF_2 = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CUSTOM = "urn:purveyor:custom:User"
KIM: dict[str, Any] = {
    "schemas": [CORE, ENTERPRISE],
    "userName": "kim",
    "externalId": "hr-1",
    "name": {"givenName": "Kim", "familyName": "O'Lee"},
    "title": "Engineer",
    "emails": [{"value": "kim@example.org", "type": "work", "primary": True}],
    "addresses": [{"type": "work", "locality": "Köln", "country": "DE"}],
    ENTERPRISE: {"department": "R&D", "manager": {"managerId": "26"}},
}


def told(user: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in user.items() if key not in ("id", "meta", "active")}


def test_a_user_is_created_and_read_as_scim_1_has_it(scim: Scim1) -> None:
    answer = scim("POST", "/Users", {**KIM, "password": "first-Secret-1"})

    assert answer.status == 201
    kim = answer.body
    assert told(kim) == KIM
    assert kim["active"] is True
    assert set(kim["meta"]) == {"created", "lastModified", "location", "version"}
    assert kim["meta"]["location"].endswith(f"/wso2/scim/Users/{kim['id']}")
    assert answer.headers["Location"] == kim["meta"]["location"]
    assert answer.headers["ETag"] == kim["meta"]["version"] == 'W/"1"'
    assert answer.headers["Content-Type"] == "application/json"

    read = scim("GET", f"/Users/{kim['id']}")
    assert (read.status, read.body) == (200, kim)
    assert scim("GET", f"/Users/{kim['id']}", If_None_Match='W/"1"').status == 304


def test_both_doors_tell_of_the_same_person(scim: Scim1, client: Client) -> None:
    kim = scim.make_user(**{key: value for key, value in KIM.items() if key != "userName"})
    door_2 = Scim(client, credentials=basic())

    body = door_2("GET", f"/Users/{kim['id']}").body

    assert body[OF_2] == {
        "department": "R&D",
        "manager": {"value": "26"},
    }
    assert body["name"] == KIM["name"]


def test_wso2_s_extension_is_understood_and_told_to_who_speaks_it(scim: Scim1) -> None:
    given = {
        "department": "R&D",
        "manager": {"managerId": "26"},
        "askPassword": "true",
        "verifyEmail": "false",
    }
    answer = scim("POST", "/Users", {"schemas": [CORE], "userName": "kim", WSO2: given})

    assert answer.body[WSO2] == given
    assert answer.body["schemas"] == [CORE, WSO2]
    path = f"/Users/{answer.body['id']}"
    plain = scim("GET", path).body
    assert plain[ENTERPRISE] == {"department": "R&D", "manager": {"managerId": "26"}}
    assert plain[CUSTOM] == {"askPassword": "true", "verifyEmail": "false"}
    asked = scim("GET", path, params={"attributes": f"{WSO2}:department"}).body
    assert asked[WSO2] == {"department": "R&D"}
    found = scim("GET", "/Users", params={"filter": f'{WSO2}:manager.managerId eq "26"'})
    assert found.body["totalResults"] == 1


def test_put_replaces_and_a_change_that_changes_nothing_sends_nothing(
    scim: Scim1, tenant: Tenant, resident: ServiceProvider
) -> None:
    url = {"user_endpoint": "http://127.0.0.1:9/Users"}
    send_to(resident, make_connector(tenant, url))
    kim = scim.make_user(**{key: value for key, value in KIM.items() if key != "userName"})
    path = f"/Users/{kim['id']}"
    jobs = Job.objects.count()

    for same in (scim("PUT", path, KIM), scim.partial(path, **KIM)):
        assert (same.status, same.body) == (200, kim)
    assert Job.objects.count() == jobs

    changed = scim("PUT", path, {"schemas": [CORE], "userName": "kim", "title": "Lead"})
    assert changed.status == 200
    assert "Provisioning-Outcome" in changed.headers
    assert told(changed.body) == {"schemas": [CORE], "userName": "kim", "title": "Lead"}
    assert Job.objects.count() == jobs + 1


def test_delete_answers_200_and_then_404(scim: Scim1) -> None:
    kim_id = scim.make_user()["id"]
    path = f"/Users/{kim_id}"

    assert scim("DELETE", path, If_Match='W/"9"').status == 412
    answer = scim("DELETE", path)

    assert (answer.status, answer.body) == (200, {})
    gone = scim("DELETE", path)
    assert gone.status == 404
    assert kim_id in described(gone)


def test_the_audit_trail_says_which_door_it_was(scim: Scim1) -> None:
    scim.make_user()

    assert set(AuditEvent.objects.values_list("door", flat=True)) == {"scim11"}


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({}, 400, "userName"),
        ({"userName": "LEE"}, 409, "userName"),
        ({"userName": "kim", "password": "1"}, 400, "password"),
        ({"userName": "kim", "emails": [{"value": 5}]}, 400, "emails.value"),
        (
            {"userName": "kim", ENTERPRISE: {"manager": {"managerId": 5}}},
            400,
            f"{ENTERPRISE}:manager.managerId",
        ),
        ({"userName": "kim", WSO2: {"department": 5}}, 400, f"{WSO2}:department"),
        ({"userName": "kim", ENTERPRISE: "x"}, 400, ENTERPRISE),
        ([], 400, "JSON object"),
    ],
)
def test_what_is_wrong_is_named(scim: Scim1, body: Any, status: int, named: str) -> None:
    scim.make_user("lee")

    answer = scim("POST", "/Users", body)

    assert answer.status == status
    assert named in described(answer)
    assert User.objects.count() == 1


def test_a_strict_service_provider_is_told_what_is_unknown(
    scim: Scim1, resident: ServiceProvider
) -> None:
    kim = scim.make_user("lee", shoe="43")
    assert "shoe" not in kim
    resident.strict = True
    resident.save()

    for body, named in (
        ({"userName": "kim"}, CORE),
        ({"schemas": 5, "userName": "kim"}, "schemas"),
        ({"schemas": [CORE], "userName": "kim", "shoe": "43"}, "shoe"),
        ({"schemas": [CORE], "userName": "kim", ENTERPRISE: {"shoe": 1}}, "shoe"),
    ):
        answer = scim("POST", "/Users", body)
        assert answer.status == 400
        assert named in described(answer)


def test_a_password_is_never_told(scim: Scim1) -> None:
    kim = scim.make_user(password="first-Secret-1")

    for answer in (
        scim.partial(f"/Users/{kim['id']}", password="second-Secret-2"),
        scim("GET", "/Users", params={"attributes": "password,userName"}),
    ):
        assert answer.status == 200
        assert "ecret" not in str(answer.body)
    assert "password" in described(scim("GET", "/Users", params={"filter": 'password eq "x"'}))


def test_tenants_have_doors_of_their_own(
    client: Client, tenant: Tenant, other_tenant: Tenant
) -> None:
    make_operator(tenant)
    make_operator(other_tenant, "kim")
    theirs = Scim1(client, "/t/partner.example/wso2/scim", credentials=basic("kim"))
    ours = Scim1(client, credentials=basic())

    lee = theirs.make_user("lee")

    assert "/t/partner.example/wso2/scim/Users/" in lee["meta"]["location"]
    assert ours("GET", f"/Users/{lee['id']}").status == 404
    assert ours("GET", "/Users").body["totalResults"] == 0
    theirs.credentials = basic()
    refused = theirs("GET", "/Users")
    assert refused.status == 401
    assert described(refused)
