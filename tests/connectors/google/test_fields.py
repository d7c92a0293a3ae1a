"""Mapped fields, where the directory keeps them, and what others keep beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors import JobIsWrong
from connectors.google.connector import GoogleConnector
from connectors.testing import accepted
from tests.connectors.google.conftest import Connect, person
from tests.fakes.google import GoogleDirectory


def test_mapped_fields_are_put_where_the_directory_keeps_them(
    google: GoogleDirectory, connect: Connect
) -> None:
    connector = connect(
        given_name_claim="first", family_name_claim="last", org_unit_path="/New"
    )
    attributes = {
        "first": "Kim",
        "last": "Lee",
        "phones.work": "+1 555",
        "phones.mobile": "+1 556",
        "organizations.title": "Dr",
        "organizations.department": "Sales",
        "addresses.home.locality": "Oslo",
        "externalIds.organization": "e-17",
        "relations.manager": "boss@acme.example",
        "customSchemas.Employment.badge": "b-1",
        "name.displayName": "Kim L.",
        "notADirectoryField": "x",
    }

    receipt = connector.create(person("kim", attributes=attributes))

    user = google.users[receipt.remote_id]
    assert user["name"] == {"givenName": "Kim", "familyName": "Lee", "displayName": "Kim L."}
    assert user["orgUnitPath"] == "/New"
    assert user["phones"] == [
        {"type": "work", "value": "+1 555"},
        {"type": "mobile", "value": "+1 556"},
    ]
    assert user["organizations"] == [
        {"type": "work", "primary": True, "title": "Dr", "department": "Sales"}
    ]
    assert user["addresses"] == [{"type": "home", "locality": "Oslo"}]
    assert user["externalIds"] == [{"type": "organization", "value": "e-17"}]
    assert user["relations"] == [{"type": "manager", "value": "boss@acme.example"}]
    assert user["customSchemas"] == {"Employment": {"badge": "b-1"}}
    assert "notADirectoryField" not in user


@pytest.mark.parametrize(
    ("path", "value", "field", "held"),
    [
        (
            "emails.home",
            "k@home.example",
            "emails",
            [{"type": "home", "address": "k@home.example"}],
        ),
        ("ims.work", "kim", "ims", [{"type": "work", "im": "kim"}]),
        ("keywords.mission", "peace", "keywords", [{"type": "mission", "value": "peace"}]),
        (
            "phones.boat",
            "1",
            "phones",
            [{"type": "custom", "customType": "boat", "value": "1"}],
        ),
        (
            "locations.buildingless",
            "3rd",
            "locations",
            [{"type": "custom", "customType": "buildingless", "area": "3rd"}],
        ),
        ("locations.desk.floorName", "3", "locations", [{"type": "desk", "floorName": "3"}]),
        ("addresses", "Main St 1", "addresses", [{"type": "work", "formatted": "Main St 1"}]),
        (
            "organizations.fullTimeEquivalent",
            "50000",
            "organizations",
            [{"type": "work", "primary": True, "fullTimeEquivalent": 50000}],
        ),
        (
            "posixAccounts.username",
            "kim",
            "posixAccounts",
            [{"primary": True, "username": "kim"}],
        ),
        (
            "languages",
            ["en", "no"],
            "languages",
            [{"languageCode": "en"}, {"languageCode": "no"}],
        ),
        ("sshPublicKeys", "ssh-ed25519 AAAA", "sshPublicKeys", [{"key": "ssh-ed25519 AAAA"}]),
        (
            "phones",
            [{"type": "work", "value": "1"}],
            "phones",
            [{"type": "work", "value": "1"}],
        ),
        ("externalIds", "7", "externalIds", [{"type": "organization", "value": "7"}]),
        ("gender", "Female", "gender", {"type": "female"}),
        ("gender", "fluid", "gender", {"type": "other", "customGender": "fluid"}),
        ("gender.addressMeAs", "they/them", "gender", {"addressMeAs": "they/them"}),
        ("notes", "on leave", "notes", {"value": "on leave"}),
        ("includeInGlobalAddressList", "false", "includeInGlobalAddressList", False),
        ("changePasswordAtNextLogin", True, "changePasswordAtNextLogin", True),
        ("archived", ["no boolean"], "archived", None),
        ("recoveryPhone", "+4712345678", "recoveryPhone", "+4712345678"),
        (
            "customSchemas.Employment.skills",
            ["go", "py"],
            "customSchemas",
            {"Employment": {"skills": [{"value": "go"}, {"value": "py"}]}},
        ),
    ],
)
def test_a_path_makes_what_the_directory_takes(
    google: GoogleDirectory,
    connector: GoogleConnector,
    path: str,
    value: Any,
    field: str,
    held: Any,
) -> None:
    kim = person("kim", attributes={path: value})
    if held is None:
        with pytest.raises(JobIsWrong, match=field):
            connector.create(kim)
        return

    receipt = connector.create(kim)

    assert google.users[receipt.remote_id][field] == held


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("orgUnitPath", "/Nowhere"),
        ("recoveryPhone", "12"),
        ("customSchemas.Employment.unknown", "1"),
        ("http://wso2.org/claims/givenname", "K" * 61),
    ],
)
def test_what_google_refuses_is_told_in_its_words(
    connector: GoogleConnector, path: str, value: str
) -> None:
    with pytest.raises(JobIsWrong, match="Invalid"):
        connector.create(person("kim", attributes={path: value}))


def test_only_what_changed_is_sent_and_what_is_gone_is_cleared(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    kim = person(
        "kim",
        attributes={
            "phones.work": "1",
            "customSchemas.A.x": "1",
            "customSchemas.A.y": "2",
            "recoveryEmail": "k@home.example",
        },
    )
    receipt = connector.create(kim)
    attributes = dict(kim.attributes)
    del attributes["phones.work"], attributes["customSchemas.A.x"]
    attributes["http://wso2.org/claims/lastname"] = "Long"

    connector.update(replace(accepted(kim, receipt), attributes=attributes))

    sent = google.requests("PUT")[-1].json
    assert sent == {
        "name": {"familyName": "Long"},
        "customSchemas": {"A": {"x": None}},
        "phones": None,
    }


def test_entries_that_others_keep_in_a_list_stay(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    kim = person("kim", attributes={"phones.work": "1", "organizations.title": "Dr"})
    before = accepted(kim, connector.create(kim))
    there = google.users[before.remote_id]
    there["phones"].append({"type": "home", "value": "2"})
    there["organizations"][0]["costCenter"] = "7"

    receipt = connector.update(
        replace(
            before,
            attributes=kim.attributes | {"phones.work": "3", "organizations.title": "Prof"},
        )
    )

    assert there["phones"] == [
        {"type": "work", "value": "3"},
        {"type": "home", "value": "2"},
    ]
    [work] = there["organizations"]
    assert (work["title"], work["costCenter"]) == ("Prof", "7")

    names_only = {k: v for k, v in kim.attributes.items() if k.startswith("http")}
    connector.update(replace(accepted(before, receipt), attributes=names_only))
    assert there["phones"] == [{"type": "home", "value": "2"}]
    assert there["organizations"] == [{"type": "work", "primary": True, "costCenter": "7"}]


def test_an_adopted_user_keeps_what_is_not_mapped(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    there = google.add_user(
        "kim@acme.example",
        aliases=["k@acme.example"],
        emails=[{"type": "home", "address": "k@home.example"}],
        phones=[{"type": "work", "value": "0"}, {"type": "mobile", "value": "2"}],
    )
    kim = person(
        "kim",
        attributes={"phones.work": "1", "emails.work": "w@x.example"},
        remote_id=there["id"],
    )

    connector.update(replace(kim, accepted_name="kim@acme.example"))

    assert there["phones"] == [
        {"type": "work", "value": "1"},
        {"type": "mobile", "value": "2"},
    ]
    assert there["emails"] == [
        {"type": "work", "address": "w@x.example"},
        {"type": "home", "address": "k@home.example"},
    ]


def test_only_one_entry_of_a_list_is_the_primary_one(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    there = google.add_user(
        "kim@acme.example", organizations=[{"type": "school", "primary": True, "name": "MIT"}]
    )
    kim = person("kim", attributes={"organizations": "Acme"}, remote_id=there["id"])

    connector.update(replace(kim, accepted_name="kim@acme.example"))

    assert there["organizations"] == [
        {"type": "work", "primary": True, "name": "Acme"},
        {"type": "school", "name": "MIT"},
    ]


def test_of_two_entries_of_a_type_the_one_that_is_ours_changes(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    kim = person("kim", attributes={"phones.work": "1"})
    before = accepted(kim, connector.create(kim))
    there = google.users[before.remote_id]
    there["phones"].insert(0, {"type": "work", "value": "0"})

    connector.update(replace(before, attributes=kim.attributes | {"phones.work": "3"}))

    assert sorted(entry["value"] for entry in there["phones"]) == ["0", "3"]


def test_a_list_that_is_mapped_whole_is_replaced(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    kim = person("kim", attributes={"phones": [{"type": "work", "value": "1"}]})
    before = accepted(kim, connector.create(kim))
    there = google.users[before.remote_id]
    there["phones"].append({"type": "home", "value": "2"})

    new = {"phones": [{"type": "mobile", "value": "3"}]}
    connector.update(replace(before, attributes=kim.attributes | new))

    assert there["phones"] == [{"type": "mobile", "value": "3"}]
