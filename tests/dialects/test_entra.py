"""What Microsoft Entra ID sends, as its pages on SCIM provisioning and on the flag
aadOptscim062020 have it, leaves the same at the door and at a target."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from idp.models import User
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import ENTERPRISE, Scim2Target
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
OLD_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"


@pytest.fixture(autouse=True)
def _sent_on(row: OutboundTarget) -> None:
    """The resident service provider's people go to the target."""


def op(name: str, path: str, value: Any = None) -> Json:
    return {"op": name, "path": path, "value": value}


def entra_user(name: str = "kim@contoso.com", **more: Any) -> Json:
    return {
        "schemas": [USER, ENTERPRISE],
        "externalId": "0a21f0f2",
        "userName": name,
        "active": True,
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Kim Lee", "familyName": "Lee", "givenName": "Kim"},
        "roles": [],
        **more,
    }


def at_target(target: Scim2Target, name: str = "kim@contoso.com") -> Json:
    there = target.user(name)
    assert there is not None
    return there


def test_a_person_from_the_first_question_to_the_deletion(
    scim: Scim, target: Scim2Target, deliver: Callable[[], None]
) -> None:
    assert scim.found(f'userName eq "{uuid.uuid4()}"') == []  # the test of the connection
    assert scim.found('userName eq "kim@contoso.com"') == []
    mail = {"primary": True, "type": "work", "value": "kim@contoso.com"}
    answer = scim("POST", "/Users", entra_user(emails=[mail]))
    assert answer.status == 201
    path = f"/Users/{answer.body['id']}"
    assert scim.found('emails[type eq "work"].value eq "kim@contoso.com"') == [
        "kim@contoso.com"
    ]

    answer = scim.patch(
        path,
        op("Replace", 'emails[type eq "work"].value', "k.lee@contoso.com"),
        op("Replace", "name.familyName", "Moss"),
        op("Add", 'phoneNumbers[type eq "mobile"].value', "+1 555 1"),
        op("Add", f"{ENTERPRISE}:department", "Sales"),
        op("Add", f"{ENTERPRISE}:manager", "some-manager"),
    )
    assert answer.status == 200, answer.body
    deliver()
    for seen in (scim("GET", path).body, at_target(target)):
        assert seen["emails"] == [{**mail, "value": "k.lee@contoso.com"}]
        assert seen["name"]["familyName"] == "Moss"
        assert seen["phoneNumbers"] == [{"type": "mobile", "value": "+1 555 1"}]
        assert seen[ENTERPRISE]["department"] == "Sales"
        assert seen[ENTERPRISE]["manager"]["value"] == "some-manager"

    for word, active in (("False", False), ("True", True), ("False", False)):
        assert scim.patch(path, op("Replace", "active", word)).body["active"] is active
        deliver()
        assert at_target(target)["active"] is active

    assert scim("DELETE", path).status == 204
    deliver()
    assert target.users == {}
    assert scim("GET", path).status == 404
    assert not User.objects.exists()


def test_an_address_that_was_not_there_is_made(
    scim: Scim, target: Scim2Target, deliver: Callable[[], None]
) -> None:
    made = scim("POST", "/Users", entra_user()).body
    answer = scim.patch(
        f"/Users/{made['id']}", op("Replace", 'emails[type eq "work"].value', "k@contoso.com")
    )
    assert answer.status == 200
    deliver()
    expected = [{"type": "work", "value": "k@contoso.com"}]
    assert answer.body["emails"] == at_target(target)["emails"] == expected


def test_with_the_flag_several_attributes_come_as_dotted_keys(
    scim: Scim, target: Scim2Target, deliver: Callable[[], None]
) -> None:
    made = scim("POST", "/Users", entra_user()).body
    value = {
        "displayName": "Kim L.",
        "name.givenName": "Kimberly",
        "name.familyName": "Moss",
        f"{ENTERPRISE}:employeeNumber": "42",
    }
    answer = scim.patch(
        f"/Users/{made['id']}",
        {"op": "replace", "value": value},
        {"op": "replace", "path": "active", "value": False},
    )
    assert answer.status == 200
    deliver()
    for seen in (answer.body, at_target(target)):
        assert (seen["displayName"], seen["active"]) == ("Kim L.", False)
        assert seen["name"] == {
            "formatted": "Kim Lee",
            "givenName": "Kimberly",
            "familyName": "Moss",
        }
        assert seen[ENTERPRISE] == {"employeeNumber": "42"}


def test_a_group_from_the_first_question_to_the_deletion(
    scim: Scim, target: Scim2Target, deliver: Callable[[], None]
) -> None:
    kim, lee, max_ = (
        scim("POST", "/Users", entra_user(name)).body["id"] for name in ("kim", "lee", "max")
    )
    hidden = {"excludedAttributes": "members"}
    assert scim.found('displayName eq "sales"', "/Groups", **hidden) == []
    answer = scim(
        "POST",
        "/Groups",
        {
            "schemas": [GROUP, OLD_GROUP],
            "externalId": "8aa1a0c0",
            "displayName": "sales",
            "meta": {"resourceType": "Group"},
        },
    )
    assert answer.status == 201
    path = f"/Groups/{answer.body['id']}"

    members = [{"$ref": None, "value": person} for person in (kim, lee, max_)]
    assert scim.patch(path, op("Add", "members", members)).status == 200
    assert "members" not in scim("GET", path, params=hidden).body
    asked = f'id eq "{answer.body["id"]}" and members eq "{kim}"'
    assert scim.found(asked, "/Groups", **hidden) == ["sales"]
    deliver()
    assert target.member_names("sales") == ["kim", "lee", "max"]

    # Without the flag members are named in the value, with it in the path.
    assert scim.patch(path, op("Remove", "members", [{"value": kim}])).status == 200
    assert scim.found(asked, "/Groups", **hidden) == []
    deliver()
    assert target.member_names("sales") == ["lee", "max"]
    remove = {"op": "remove", "path": f'members[value eq "{lee}"]'}
    assert scim.patch(path, remove).status == 200
    deliver()
    assert target.member_names("sales") == ["max"]
    assert [m["value"] for m in scim("GET", path).body["members"]] == [max_]

    assert scim.patch(path, op("Replace", "displayName", "crew")).status == 200
    deliver()
    assert target.member_names("crew") == ["max"]
    assert scim("DELETE", path).status == 204
    deliver()
    assert target.groups == {}
    assert len(target.users) == 3
