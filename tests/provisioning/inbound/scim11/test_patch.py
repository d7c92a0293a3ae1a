"""PATCH by partial resources (REST API 1.1 §3.3.2): what goes first, what is merged."""

from __future__ import annotations

from typing import Any

import pytest

from idp.models import User
from serviceproviders.models import ServiceProvider
from tests.provisioning.inbound.scim11.conftest import ENTERPRISE, WSO2, Scim1, described

KIM: dict[str, Any] = {
    "name": {"givenName": "Kim", "familyName": "Lee", "middleName": "J."},
    "title": "Engineer",
    "externalId": "hr-1",
    "emails": [
        {"value": "kim@work.example", "type": "work", "primary": True},
        {"value": "kim@home.example", "type": "home"},
    ],
    "addresses": [{"type": "work", "locality": "Köln"}],
    ENTERPRISE: {"department": "R&D", "manager": {"managerId": "26"}},
}


@pytest.fixture
def path(scim: Scim1) -> str:
    return f"/Users/{scim.make_user('kim', **KIM)['id']}"


def test_simple_attributes_are_replaced_and_complex_ones_merged(scim: Scim1, path: str) -> None:
    answer = scim.partial(
        path,
        title="Lead",
        name={"familyName": "Miller"},
        active=False,
        **{ENTERPRISE: {"manager": {"managerId": "27"}}},
    )

    assert answer.status == 200
    kim = answer.body
    assert (kim["title"], kim["active"]) == ("Lead", False)
    assert kim["name"] == {"givenName": "Kim", "familyName": "Miller", "middleName": "J."}
    assert kim[ENTERPRISE] == {"department": "R&D", "manager": {"managerId": "27"}}
    assert kim["emails"] == KIM["emails"]
    assert answer.headers["ETag"] == 'W/"2"'


def test_meta_names_what_is_removed_first(scim: Scim1, path: str) -> None:
    removed = [
        "title",
        "NAME.middleName",
        "emails",
        "externalId",
        "addresses",
        f"{ENTERPRISE}:department",
        f"{WSO2}:manager.managerId",
    ]
    mail = {"value": "new@work.example"}

    kim = scim.partial(path, meta={"attributes": removed}, emails=[mail]).body

    assert kim["name"] == {"givenName": "Kim", "familyName": "Lee"}
    assert kim["emails"] == [mail]
    assert not kim.keys() & {"title", "externalId", "addresses", ENTERPRISE}


def test_a_whole_extension_can_go(scim: Scim1, path: str) -> None:
    assert ENTERPRISE not in scim.partial(path, meta={"attributes": [ENTERPRISE]}).body


def test_values_are_merged_added_and_taken_out(scim: Scim1, path: str) -> None:
    kim = scim.partial(
        path,
        emails=[
            {"value": "KIM@work.example", "operation": "delete"},
            {"value": "kim@home.example", "primary": True},
            {"value": "kim@other.example", "type": "other"},
            {"value": "nobody@else.example", "operation": "delete"},
        ],
        addresses=[{"type": "work", "locality": "Köln"}, {"type": "home", "locality": "Bonn"}],
    ).body

    assert kim["emails"] == [
        {"value": "kim@home.example", "type": "home", "primary": True},
        {"value": "kim@other.example", "type": "other"},
    ]
    assert [one["locality"] for one in kim["addresses"]] == ["Köln", "Bonn"]


def test_a_value_newly_primary_takes_that_from_the_one_that_was(scim: Scim1, path: str) -> None:
    kim = scim.partial(path, emails=[{"value": "kim@home.example", "primary": True}]).body

    assert [one.get("primary", False) for one in kim["emails"]] == [False, True]


def test_two_values_of_one_text_are_told_apart_by_all_they_say(scim: Scim1) -> None:
    twice = [{"value": "1", "type": "work"}, {"value": "1", "type": "home"}]
    path = f"/Users/{scim.make_user(phoneNumbers=twice)['id']}"

    kim = scim.partial(path, phoneNumbers=[{**twice[1], "operation": "delete"}]).body

    assert kim["phoneNumbers"] == twice[:1]


def test_somebody_is_renamed_but_not_to_a_taken_name(scim: Scim1, path: str) -> None:
    scim.make_user("lee")

    assert scim.partial(path, userName="kim.lee").body["userName"] == "kim.lee"
    taken = scim.partial(path, userName="Lee")

    assert taken.status == 409
    assert "userName" in described(taken)


def test_what_stays_as_it_is_moves_no_version(scim: Scim1, path: str) -> None:
    before = scim("GET", path).body

    for attributes in ({"meta": {"attributes": ["nickName"]}}, {"title": "Engineer"}, {}):
        answer = scim.partial(path, **attributes)
        assert (answer.status, answer.body) == (200, before)


def test_if_match_holds_for_patch(scim: Scim1, path: str) -> None:
    body = {"title": "Lead"}

    assert scim("PATCH", path, body, If_Match='W/"7"').status == 412
    assert scim("PATCH", path, body, If_Match='W/"1"').status == 200


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ({"meta": {"attributes": ["userName"]}}, "userName"),
        ({"meta": {"attributes": ["id"]}}, "id"),
        ({"meta": {"attributes": ["password"]}}, "password"),
        ({"meta": {"attributes": ["groups"]}}, "groups"),
        ({"meta": {"attributes": ["shoe"]}}, "shoe"),
        ({"meta": {"attributes": "title"}}, "meta.attributes"),
        ({"meta": {"attributes": [5]}}, "meta.attributes"),
        ({"meta": "title"}, "meta"),
        ({"userName": ""}, "userName"),
        ({"emails": [{"value": "x", "operation": "add"}]}, "emails.operation"),
        ({"emails": [{"value": 5, "operation": "delete"}]}, "emails.value"),
        (
            {
                "emails": [
                    {"value": "a@b.example", "primary": True},
                    {"value": "c@d.example", "primary": True},
                ]
            },
            "emails",
        ),
        ({ENTERPRISE: {"manager": "26"}}, f"{ENTERPRISE}:manager"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_changes(
    scim: Scim1, path: str, attributes: dict[str, Any], named: str
) -> None:
    answer = scim.partial(path, title="Lead", **attributes)

    assert answer.status == 400
    assert named in described(answer)
    assert User.objects.get().document["title"] == "Engineer"


def test_strict_takes_lists_and_known_attributes_only(
    scim: Scim1, path: str, resident: ServiceProvider
) -> None:
    assert scim.partial(path, emails={"value": "x@y.example"}, shoe=43).status == 200
    resident.strict = True
    resident.save()

    assert "shoe" in described(scim.partial(path, shoe=43))
    assert "emails" in described(scim.partial(path, emails={"value": "z@y.example"}))
    assert "schemas" in described(scim("PATCH", path, {"title": "Lead"}))


def test_very_long_lists_are_merged_at_once_and_longer_ones_refused(
    scim: Scim1, path: str
) -> None:
    many = [{"value": f"{number}@acme.example"} for number in range(1_000)]

    assert len(scim.partial(path, emails=many).body["emails"]) == 1_002
    half = [{**mail, "operation": "delete"} for mail in many[::2]]
    assert len(scim.partial(path, emails=half).body["emails"]) == 502
    refused = scim.partial(path, emails=[*many, {"value": "x"}])
    assert (refused.status, "emails" in described(refused)) == (413, True)
