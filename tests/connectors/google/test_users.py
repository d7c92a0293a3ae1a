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


def test_who_has_no_names_is_called_as_the_account_is(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    receipt = connector.create(replace(person("kim"), attributes={}))

    assert google.users[receipt.remote_id]["name"] == {
        "givenName": "kim",
        "familyName": "kim",
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


def test_a_rename_to_an_address_that_is_taken_says_by_whom(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    kim = person("kim")
    before = accepted(kim, connector.create(kim))
    google.add_user("robin@acme.example", aliases=["lee@acme.example"])

    with pytest.raises(JobIsWrong, match="is an alias of robin@acme"):
        connector.update(replace(before, remote_name="lee@acme.example"))


def test_a_look_up_that_is_asked_to_wait_leaves_the_insert_in_doubt(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    google.garbage_next(method="POST", path="/users")
    google.fail_next(403, method="GET", body=quota("quotaExceeded"))

    with pytest.raises(NotBefore) as caught:
        connector.create(person("kim"))

    assert (caught.value.maybe_sent, caught.value.code) == (True, "quotaExceeded")


def test_a_delete_of_a_user_who_is_not_shown_by_id_yet_is_not_over(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    kim = person("kim")
    kim = accepted(kim, connector.create(kim))
    google.fail_next(404, method="DELETE")

    with pytest.raises(RetryLater, match="in a moment"):
        connector.delete(kim)

    connector.delete(kim)
    assert google.users == {}


def test_a_rename_that_is_done_and_answered_with_a_conflict_is_done(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    kim = person("kim")
    before = accepted(kim, connector.create(kim))
    google.fail_next(409, method="PUT", processed=True, body=quota("duplicate"))

    renamed = replace(before, remote_name="robin@acme.example", active=False)
    receipt = connector.update(renamed)

    there = google.users[before.remote_id]
    assert (there["primaryEmail"], there["suspended"]) == ("robin@acme.example", True)
    assert receipt.remote_name == "robin@acme.example"
    assert google.requests("PUT")[-1].json == {"suspended": True}


def test_a_user_who_is_not_shown_by_id_yet_is_waited_for(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    kim = person("kim")
    before = accepted(kim, connector.create(kim))
    google.fail_next(404, method="PUT", body=quota("notFound"))

    with pytest.raises(RetryLater, match="in a moment"):
        connector.update(replace(before, active=False))


def test_a_backend_that_is_too_busy_is_throttling_and_may_have_done_it(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    connector.check()
    google.fail_next(503, body=quota("backendError"))

    with pytest.raises(NotBefore) as raised:
        connector.create(person("kim"))

    assert raised.value.maybe_sent


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


def test_somebody_can_be_fetched_by_any_of_their_addresses(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    """As an operator does who links by hand."""
    there = google.add_user("kim@acme.example", aliases=["k.lee@acme.example"])

    for key in (there["id"], "kim@acme.example", "k.lee@acme.example"):
        found = connector.fetch(EntityType.USER, key)
        assert found is not None
        assert found.remote_id == there["id"]
