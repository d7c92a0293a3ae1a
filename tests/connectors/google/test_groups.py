"""Groups in Google Workspace and who is in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import (
    Entity,
    EntityType,
    JobIsWrong,
    Member,
    MemberChanges,
    NotBefore,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.google.connector import GoogleConnector
from connectors.testing import accepted
from tests.connectors.google.conftest import person
from tests.fakes.google import GoogleDirectory


def group(name: str) -> Entity:
    return replace(person(name), type=EntityType.GROUP, attributes={})


def test_a_group_has_an_address_and_a_name(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    sales = replace(
        person("sales"),
        type=EntityType.GROUP,
        attributes={"http://wso2.org/claims/username": "STAFF/Sales", "description": "All"},
    )

    receipt = connector.create(sales)

    held = google.groups[receipt.remote_id]
    assert held["email"] == "sales@acme.example"
    assert held["name"] == "STAFF/Sales"
    assert held["description"] == "All"


def test_a_renamed_group_is_the_same_group(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    sales = group("sales")
    receipt = connector.create(sales)

    connector.update(replace(accepted(sales, receipt), remote_name="selling@acme.example"))

    assert google.groups[receipt.remote_id]["email"] == "selling@acme.example"


def test_a_description_that_is_gone_is_cleared(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    sales = replace(group("sales"), attributes={"description": "All"})
    before = accepted(sales, connector.create(sales))

    connector.update(replace(before, attributes={}))

    assert google.requests("PATCH")[-1].json == {"description": None}


def test_members_are_told_one_by_one_as_they_are_taken(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    sales = group("sales")
    sales = accepted(sales, connector.create(sales))
    people = [person("kim"), person("robin")]
    members = [Member(connector.create(one).remote_id, one.remote_name) for one in people]

    took = list(connector.change_members(sales, MemberChanges(add=members)))
    again = list(connector.change_members(sales, MemberChanges(add=members)))

    assert took == again == [(members[0],), (members[1],)]
    assert google.member_ids(sales.remote_id) == [one.remote_id for one in members]


def test_a_member_who_does_not_appear_yet_is_waited_for(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    sales = group("sales")
    sales = accepted(sales, connector.create(sales))
    google.hide_new = True
    kim = Member(connector.create(person("kim")).remote_id, "kim@acme.example")

    with pytest.raises(RetryLater, match="kim@acme"):
        list(connector.change_members(sales, MemberChanges(add=[kim])))

    google.show()
    assert list(connector.change_members(sales, MemberChanges(add=[kim]))) == [(kim,)]


def test_a_group_whose_address_is_taken_says_by_whom(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    connector.create(group("sales"))
    with pytest.raises(RemoteExists):
        connector.create(group("sales"))

    google.add_user("kim@acme.example")
    with pytest.raises(JobIsWrong, match="the address of a user"):
        connector.create(group("kim"))


def test_a_group_that_appears_late_is_waited_for(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    connector.create(group("sales"))
    google.fail_next(404, method="GET", path="/groups")

    with pytest.raises(RetryLater, match="does not show"):
        connector.create(group("sales"))


def test_an_address_that_is_somebody_elses_by_now_takes_nobody_in(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    """An administrator renamed Kim, and gave the address to another."""
    sales = group("sales")
    sales = accepted(sales, connector.create(sales))
    kim = Member(connector.create(person("kim")).remote_id, "kim@acme.example")
    google.users[kim.remote_id]["primaryEmail"] = "kimberly@acme.example"
    google.add_user("kim@acme.example")

    with pytest.raises(JobIsWrong, match="another user"):
        list(connector.change_members(sales, MemberChanges(add=[kim])))

    assert google.member_ids(sales.remote_id) == []


def test_members_of_a_group_that_is_gone_are_no_members(
    connector: GoogleConnector,
) -> None:
    sales = group("sales")
    sales = accepted(sales, connector.create(sales))
    kim = Member(connector.create(person("kim")).remote_id, "kim@acme.example")
    connector.delete(sales)

    for changes in (MemberChanges(add=[kim]), MemberChanges(remove=[kim])):
        with pytest.raises(RemoteMissing):
            list(connector.change_members(sales, changes))


def test_a_look_up_that_is_asked_to_wait_leaves_the_insert_in_doubt(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    google.garbage_next(method="POST", path="/groups")
    google.fail_next(429, method="GET", headers={"Retry-After": "70"})

    with pytest.raises(NotBefore) as caught:
        connector.create(group("sales"))

    assert (caught.value.maybe_sent, caught.value.retry_after) == (True, 70)
