"""People in Google Workspace: names, passwords, fields, addresses that are taken."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from connectors import EntityType, JobIsWrong, LocalName, RemoteExists, RetryLater
from connectors.errors import ConnectorIsWrong, NotBefore
from connectors.google.connector import GoogleConnector
from connectors.testing import accepted
from tests.connectors.google.conftest import Connect, person
from tests.fakes.google import GoogleDirectory, quota


def test_a_new_user_has_address_names_and_a_password_nobody_knows(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    receipt = connector.create(person("kim"))

    user = google.users[receipt.remote_id]
    assert user["primaryEmail"] == "kim@acme.example"
    assert user["name"] == {"givenName": "Kim", "familyName": "Lee"}
    assert user["suspended"] is False
    assert len(google.passwords[receipt.remote_id]) >= 24
    assert not receipt.password_set


def test_a_password_is_sent_when_there_is_one_and_never_by_itself(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    kim = person("kim", password="first-password")
    receipt = connector.create(kim)
    assert google.passwords[receipt.remote_id] == "first-password"

    changed = {"http://wso2.org/claims/givenname": "Kimberly"}
    receipt = connector.update(
        replace(accepted(kim, receipt), attributes=kim.attributes | changed)
    )
    assert google.passwords[receipt.remote_id] == "first-password"

    connector.update(replace(accepted(kim, receipt), password="second-password"))
    assert google.passwords[receipt.remote_id] == "second-password"


def test_who_has_no_names_is_called_as_the_account_is(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    receipt = connector.create(replace(person("kim"), attributes={}))

    assert google.users[receipt.remote_id]["name"] == {
        "givenName": "kim",
        "familyName": "kim",
    }


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


def test_a_renamed_user_keeps_the_old_address_as_an_alias(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    kim = person("kim")
    receipt = connector.create(kim)

    connector.update(replace(accepted(kim, receipt), remote_name="kim.lee@acme.example"))

    user = google.users[receipt.remote_id]
    assert user["primaryEmail"] == "kim.lee@acme.example"
    assert user["aliases"] == ["kim@acme.example"]
    assert google.requests("PUT")[-1].json == {"primaryEmail": "kim.lee@acme.example"}


def test_an_alias_of_somebody_else_is_no_match_and_is_named(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    google.add_user("robin@acme.example", aliases=["kim@acme.example"])

    assert connector.find(person("kim")) == []
    with pytest.raises(JobIsWrong, match="is an alias of robin@acme"):
        connector.create(person("kim"))


def test_the_address_of_a_group_is_named(connector: GoogleConnector) -> None:
    connector.create(replace(person("sales"), type=EntityType.GROUP))

    with pytest.raises(JobIsWrong, match="is the address of a group"):
        connector.create(person("sales"))


def test_an_address_that_is_taken_is_reported_as_such(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    google.add_user("kim@acme.example")

    with pytest.raises(RemoteExists):
        connector.create(person("kim"))


def test_users_that_appear_late_are_waited_for(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    google.hide_new = True
    connector.create(person("kim"))

    with pytest.raises(RetryLater, match="does not show"):
        connector.create(person("kim"))

    google.show()
    assert len(connector.find(person("kim"))) == 1


@pytest.mark.parametrize(
    "reason", ["userRateLimitExceeded", "quotaExceeded", "rateLimitExceeded"]
)
def test_a_used_up_quota_is_throttling_though_it_says_forbidden(
    google: GoogleDirectory, connector: GoogleConnector, reason: str
) -> None:
    google.fail_next(403, path="/users", body=quota(reason))

    with pytest.raises(NotBefore) as raised:
        connector.create(person("kim"))

    assert not raised.value.maybe_sent
    assert raised.value.retry_after >= 1


def test_the_quota_of_a_day_is_waited_for_longer(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    google.fail_next(403, path="/users", body=quota("dailyLimitExceeded"))

    with pytest.raises(NotBefore) as raised:
        connector.create(person("kim"))

    assert raised.value.retry_after == 3600


def test_a_domain_that_is_not_of_the_account_is_the_fault_of_the_settings(
    connect: Connect,
) -> None:
    connector = connect(domain="other.example")

    with pytest.raises(ConnectorIsWrong, match="Domain not found"):
        connector.create(person("kim", remote_name="kim@other.example"))


def test_names_are_made_by_pattern_in_the_domain(connect: Connect) -> None:
    connector = connect(pattern="{UD,UN,TD}", separator="-")
    kim = LocalName("STAFF/Kim@x", store="STAFF", tenant_domain="t.example")

    assert connector.remote_name(EntityType.USER, kim) == "staff-kim.x-t.example@acme.example"
    sales = LocalName("STAFF/Sales & Service", store="STAFF", tenant_domain="t.example")
    assert connector.remote_name(EntityType.GROUP, sales) == (
        "staff-sales-service-t.example@acme.example"
    )


def test_what_is_sent_is_json_for_the_directory(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    connector.create(person("kim"))

    request = google.requests("POST", "/users")[0]
    assert request.headers["content-type"] == "application/json"
    assert "Purveyor tests" in request.headers["user-agent"]
    assert json.loads(request.body)["primaryEmail"] == "kim@acme.example"
