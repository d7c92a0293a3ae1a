"""What Okta sends, as its reference of SCIM 2.0 has it, leaves the same at the door and at a
target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]
NAME = "test.user@okta.local"
PAGE = {"startIndex": "1", "count": "100"}


@pytest.fixture(autouse=True)
def _sent_on(row: OutboundTarget) -> None:
    """The resident service provider's people go to the target."""


def okta_user(name: str = NAME, **more: Any) -> Json:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": True, "value": name, "type": "work", "display": name}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq-open-sesame",
        "active": True,
        **more,
    }


def without_path(**value: Any) -> Json:
    return {"op": "replace", "value": value}


def test_a_person_is_made_changed_and_switched_off_but_never_deleted(
    scim: Scim, target: Scim2Target, deliver: Callable[[], None]
) -> None:
    asked = {"filter": f'userName eq "{NAME}"', **PAGE}
    nobody = scim("GET", "/Users", params=asked)
    assert (nobody.status, nobody.body["totalResults"]) == (200, 0)
    made = scim("POST", "/Users", okta_user())
    assert made.status == 201
    path = f"/Users/{made.body['id']}"
    assert scim("GET", "/Users", params=asked).body["Resources"][0]["id"] == made.body["id"]

    read = scim("GET", path).body
    name = {"givenName": "Another", "middleName": "Excited", "familyName": "User"}
    assert scim("PUT", path, {**read, "name": name, "groups": []}).status == 200
    deliver()
    there = target.user(NAME)
    assert there is not None
    for seen in (scim("GET", path).body, there):
        assert seen["name"] == name
        assert seen["emails"] == okta_user()["emails"]

    for active in (False, True):
        assert scim.patch(path, without_path(active=active)).body["active"] is active
        deliver()
        there = target.user(NAME)
        assert there is not None
        assert (there["active"], there["name"]) == (active, name)

    # Applications made by its wizard are switched off by PUT.
    assert scim("PUT", path, {**scim("GET", path).body, "active": False}).status == 200
    deliver()
    there = target.user(NAME)
    assert there is not None
    assert there["active"] is False


def test_a_group_is_pushed_by_patch_and_by_put(
    scim: Scim, target: Scim2Target, deliver: Callable[[], None]
) -> None:
    ids = [scim("POST", "/Users", okta_user(name)).body["id"] for name in ("kim", "lee", "max")]
    kim, lee, max_ = ids
    group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"]}
    made = scim("POST", "/Groups", {**group, "displayName": "Test SCIMv2", "members": []})
    assert made.status == 201
    path, key = f"/Groups/{made.body['id']}", made.body["id"]

    # The name comes with every change of members, and the id with the name.
    answer = scim.patch(path, without_path(id=key, displayName="Test SCIMv20"))
    assert (answer.status, answer.body["displayName"]) == (200, "Test SCIMv20")
    members = [{"value": person, "display": "somebody"} for person in (kim, lee)]
    scim.patch(path, {"op": "add", "path": "members", "value": members})
    deliver()
    assert target.member_names("Test SCIMv20") == ["kim", "lee"]
    scim.patch(
        path,
        {"op": "remove", "path": f'members[value eq "{kim}"]'},
        {"op": "add", "path": "members", "value": [{"value": max_}]},
    )
    deliver()
    assert target.member_names("Test SCIMv20") == ["lee", "max"]
    scim.patch(path, {"op": "replace", "path": "members", "value": [{"value": kim}]})
    deliver()
    assert target.member_names("Test SCIMv20") == ["kim"]

    whole = {**group, "id": key, "displayName": "Renamed", "members": [{"value": lee}]}
    assert scim("PUT", path, whole).status == 200
    deliver()
    assert target.member_names("Renamed") == ["lee"]
    assert scim("DELETE", path).status == 204
    deliver()
    assert target.groups == {}
    assert len(target.users) == 3


def test_an_import_turns_every_page(scim: Scim) -> None:
    for number in range(101):
        scim.make_user(f"person-{number}")
    first = scim("GET", "/Users", params=PAGE).body
    second = scim("GET", "/Users", params={**PAGE, "startIndex": "101"}).body

    assert (first["totalResults"], first["itemsPerPage"], second["itemsPerPage"]) == (
        101,
        100,
        1,
    )
    names = {user["userName"] for page in (first, second) for user in page["Resources"]}
    assert len(names) == 101
