"""What is sent to a SCIM 1.1 server, and when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors import ConnectorIsWrong, Dialect, EntityType, LocalName
from connectors.testing import accepted
from tests.connectors.scim.conftest import Connect1
from tests.connectors.scim.people import group, person
from tests.fakes.scim1 import CORE, ENTERPRISE

KIM = {
    "name": {"givenName": "Kim", "familyName": "Lee", "middleName": "O."},
    "title": "Dr",
    "emails": [
        {"value": "kim@example.org", "type": "work", "primary": True},
        {"value": "kim@home.example", "type": "home"},
    ],
    "addresses": [{"type": "work", "locality": "Berlin", "country": "DE"}],
    ENTERPRISE: {"department": "Sales", "manager": {"managerId": "26"}},
}


def test_a_user_is_created_in_the_core_schema_and_its_extensions(connect1: Connect1) -> None:
    target, connector = connect1()

    receipt = connector.create(person(attributes={**KIM, "nickName": None}))

    [request] = target.log
    assert request.json == {
        "schemas": [CORE, ENTERPRISE],
        **KIM,
        "userName": "kim",
        "externalId": "x-kim",
        "active": True,
    }
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "application/json"
    assert request.headers["authorization"].startswith("Basic ")
    assert "if-match" not in request.headers
    assert receipt.accepted == {k: v for k, v in request.json.items() if k != "schemas"}


def test_an_update_is_one_patch_that_removes_and_merges(connect1: Connect1) -> None:
    target, connector = connect1()
    entity = person(attributes=KIM)
    entity = accepted(entity, connector.create(entity))
    wanted = {
        "name": {"givenName": "Robin", "familyName": "Lee"},
        "emails": [{"value": "robin@example.org", "type": "work", "primary": True}],
        "addresses": [{"type": "work", "locality": "Bonn", "country": "DE"}],
        ENTERPRISE: {"manager": {"managerId": "27"}},
    }

    receipt = connector.update(
        replace(entity, attributes=wanted, remote_name="robin", active=False)
    )

    assert [request.method for request in target.log] == ["POST", "PATCH"]
    body = target.log[1].json
    assert body["schemas"] == [CORE, ENTERPRISE]
    assert body["userName"] == "robin"
    assert body["active"] is False
    assert body["name"] == {"givenName": "Robin"}
    assert sorted(body["meta"]["attributes"]) == [
        "addresses",
        "emails",
        "name.middleName",
        "title",
        f"{ENTERPRISE}:department",
    ]
    state = {**wanted, "userName": "robin", "externalId": "x-kim", "active": False}
    there = {
        k: v for k, v in target.users[entity.remote_id].items() if k not in ("id", "schemas")
    }
    assert there == state
    assert receipt.accepted == state


def test_disabling_says_nothing_else(connect1: Connect1) -> None:
    target, connector = connect1()
    entity = person(attributes=KIM)
    entity = accepted(entity, connector.create(entity))

    connector.update(replace(entity, active=False))

    assert target.log[1].json == {"schemas": [CORE], "userName": "kim", "active": False}


@pytest.mark.parametrize("method", ["auto", "put"])
def test_without_knowledge_the_target_is_read_and_only_our_attributes_change(
    connect1: Connect1, method: str
) -> None:
    target, connector = connect1(settings={"update_method": method})
    there = target.add_user("kim", title="Dr", nickName="K", userType="old")
    there[ENTERPRISE] = {"division": "theirs"}

    entity = person(remote_id=there["id"], attributes={"title": "Prof"})
    connector.update(replace(entity, unconfirmed={"userType": "old"}))

    held = target.users[there["id"]]
    assert (held["title"], held["nickName"], held["externalId"]) == ("Prof", "K", "x-kim")
    assert held[ENTERPRISE] == {"division": "theirs"}
    assert "userType" not in held


@pytest.mark.parametrize(("enabled", "sent"), [(True, "own-2"), (False, None)])
@pytest.mark.parametrize("method", ["auto", "put"])
def test_a_changed_password_is_sent_if_passwords_are_provisioned(
    connect1: Connect1, method: str, enabled: bool, sent: str | None
) -> None:
    settings = {"enable_password_provisioning": enabled, "update_method": method}
    target, connector = connect1(settings=settings)
    entity = person()
    entity = accepted(entity, connector.create(entity))

    receipt = connector.update(replace(entity, password="own-2"))

    assert target.passwords.get(entity.remote_id) == sent
    assert receipt.password_set is (sent is not None)
    assert bool(target.log[1:]) is (sent is not None)


def test_a_default_password_is_for_those_whose_own_is_not_sent(connect1: Connect1) -> None:
    settings = {"enable_password_provisioning": False, "default_password": "default-1"}
    target, connector = connect1(settings=settings)

    receipt = connector.create(person(password="own-1"))

    assert target.passwords == {receipt.remote_id: "default-1"}


def test_a_group_is_created_without_members_and_renamed_with_them(connect1: Connect1) -> None:
    target, connector = connect1()
    sales = group("Sales & Co")
    sales = accepted(sales, connector.create(sales))
    target.groups[sales.remote_id]["members"] = [{"value": "u1"}]

    connector.update(replace(sales, remote_name="Sales"))

    assert target.log[0].json == {"schemas": [CORE], "displayName": "Sales & Co"}
    assert target.log[1].json == {"schemas": [CORE], "displayName": "Sales"}
    assert target.groups[sales.remote_id]["members"] == [{"value": "u1"}]


def test_a_group_is_read_without_its_members(connect1: Connect1) -> None:
    target, connector = connect1()
    there = target.add_group("Sales", ["u1", "u2"])

    found = connector.fetch(EntityType.GROUP, there["id"])

    assert found is not None
    assert found.remote_name == "Sales"
    assert target.log[0].query == {"attributes": "displayName,externalId"}


@pytest.mark.parametrize("status", [200, 204])
def test_a_delete_is_done_with_either_answer(connect1: Connect1, status: int) -> None:
    target, connector = connect1(deleted_status=status)
    entity = person()
    entity = accepted(entity, connector.create(entity))

    connector.delete(entity)

    assert target.users == {}


def test_filters_are_quoted_and_encoded(connect1: Connect1) -> None:
    target, connector = connect1()
    there = target.add_user('jür"gen + co\\')

    found = connector.find(person('jür"gen + co\\'))

    assert [one.remote_id for one in found] == [there["id"]]
    assert target.log[0].target.endswith(
        "?filter=userName%20eq%20%22j%C3%BCr%5C%22gen%20%2B%20co%5C%5C%22"
    )


def test_names_follow_the_user_store_domain(connect1: Connect1) -> None:
    _, connector = connect1(settings={"user_store_domain": "EXT"})

    for entity_type in EntityType:
        assert connector.remote_name(entity_type, LocalName("STAFF/kim", "STAFF")) == "EXT/kim"


@pytest.mark.parametrize(
    ("field", "label"),
    [("username", "Username"), ("password", "Password"), ("user_endpoint", "User endpoint")],
)
def test_what_is_missing_is_named(connect1: Connect1, field: str, label: str) -> None:
    with pytest.raises(ConnectorIsWrong, match=label):
        connect1(settings={field: ""})


def test_its_settings_and_its_dialect(connect1: Connect1) -> None:
    _, connector = connect1()

    assert connector.dialect is Dialect.SCIM1
    assert [field.name for field in connector.fields if not field.advanced] == [
        "username",
        "password",
        "user_endpoint",
        "group_endpoint",
        "user_store_domain",
        "enable_password_provisioning",
        "default_password",
    ]


@pytest.mark.parametrize("quirks", [{}, {"listed_config": True}])
def test_the_connection_test_asks_for_the_configurations(
    connect1: Connect1, quirks: dict[str, Any]
) -> None:
    target, connector = connect1(**quirks)

    findings = connector.check()

    assert all(finding.ok for finding in findings)
    assert "The target supports PATCH" in [finding.what for finding in findings]
    assert target.requests(path="/scim/v1/ServiceProviderConfigs")
    assert {request.method for request in target.log} == {"GET"}


def test_the_connection_test_learns_that_there_is_no_patch(connect1: Connect1) -> None:
    target, connector = connect1(patch=False)
    words = [finding.what for finding in connector.check()]
    entity = person()
    entity = accepted(entity, connector.create(entity))

    connector.update(replace(entity, active=False))

    assert "The target has no PATCH: changes are sent by PUT" in words
    assert target.requests("PATCH") == []
    assert target.users[entity.remote_id]["active"] is False
