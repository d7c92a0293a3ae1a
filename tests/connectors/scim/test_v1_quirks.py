"""SCIM 1.1 servers that are not quite what the specification describes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors import (
    Ambiguous,
    ConnectorIsWrong,
    Entity,
    JobIsWrong,
    Member,
    MemberChanges,
    NeedsAllMembers,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.testing import accepted
from tests.connectors.scim.conftest import Connect1
from tests.connectors.scim.people import group, person
from tests.fakes.scim1 import CORE, Scim1Target


def users(target: Scim1Target, count: int) -> list[Member]:
    return [Member(target.add_user(f"user{n}")["id"], f"user{n}") for n in range(count)]


def made(target: Scim1Target, members: list[Member] | None = None) -> Entity:
    resource = target.add_group("Sales", [member.remote_id for member in members or []])
    return group(remote_id=resource["id"], accepted={"displayName": "Sales"})


def ids(members: list[Member]) -> list[str]:
    return [member.remote_id for member in members]


# -- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["Errors", "error", "object", "text"])
def test_errors_are_shown_in_whichever_form_they_come(connect1: Connect1, shape: str) -> None:
    target, connector = connect1(error_shape=shape)
    target.add_user("kim")

    with pytest.raises(RemoteExists, match="kim already exists"):
        connector.create(person())
    with pytest.raises(RemoteMissing, match="no gone"):
        connector.delete(person(remote_id="gone"))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"Errors": [{"description": "first"}, {"description": "second"}]}, "first; second"),
        ({"Errors": ["first"]}, "first"),
        ({"Errors": []}, ""),
        ({"errors": [{"message": "bad title"}]}, "bad title"),
        (
            {"error": "invalid_request", "error_description": "no title"},
            "invalid_request: no title",
        ),
        ({"error": {"error": {"message": "too deep"}}}, ""),
        ({"message": "no"}, "no"),
        (["what?"], '["what?"]'),
    ],
)
def test_what_is_said(connect1: Connect1, document: Any, words: str) -> None:
    target, connector = connect1()
    target.fail_next(400, document=document)

    with pytest.raises(JobIsWrong) as raised:
        connector.create(person())

    assert str(raised.value).partition("Bad Request")[2] == (f" ({words})" if words else "")


@pytest.mark.parametrize(
    ("code", "error"),
    [("409", RemoteExists), (400, JobIsWrong), ("", RetryLater), ("200", RetryLater)],
)
def test_an_error_under_a_200_is_an_error(
    connect1: Connect1, code: object, error: type[Exception]
) -> None:
    target, connector = connect1()
    target.add_user("kim")
    target.fail_next(200, document={"Errors": [{"description": "no", "code": code}]})

    with pytest.raises(error):
        connector.create(person())

    assert target.count_requests() == 1


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_the_connectors_fault(connect1: Connect1, status: int) -> None:
    target, connector = connect1()
    target.fail_next(status, document={"Errors": [{"description": "who?", "code": "401"}]})

    with pytest.raises(ConnectorIsWrong, match="who"):
        connector.create(person())


# -- looking up ---------------------------------------------------------------------------


def test_a_server_that_ignores_filters_and_pages_is_ambiguous(connect1: Connect1) -> None:
    target, connector = connect1(filters="ignored", page_size=10, ignores_start_index=True)
    users(target, 20)

    with pytest.raises(Ambiguous, match="ignores filters and pages"):
        connector.find(person())


def test_a_server_that_ignores_filters_is_read_through(connect1: Connect1) -> None:
    target, connector = connect1(filters="ignored", page_size=10, total_results=3)
    users(target, 25)
    there = target.add_user("kim")

    assert [one.remote_id for one in connector.find(person())] == [there["id"]]
    assert connector.find(person("robin")) == []


def test_a_lost_answer_is_found_again(connect1: Connect1) -> None:
    target, connector = connect1()
    target.drop_next(method="POST")

    with pytest.raises(RetryLater) as raised:
        connector.create(person())

    assert raised.value.maybe_sent
    assert [one.remote_id for one in connector.find(person())] == list(target.users)


# -- members ------------------------------------------------------------------------------


def test_members_come_and_go_in_small_patches(connect1: Connect1) -> None:
    target, connector = connect1(needs_names=True)
    members = users(target, 130)
    sales = made(target, members[:5])

    changes = MemberChanges(add=members[5:], remove=members[:2])
    chunks = [len(chunk) for chunk in connector.change_members(sales, changes)]

    assert chunks == [100, 25, 2]
    assert target.member_ids(sales.remote_id) == ids(members[2:])
    assert target.log[0].json["members"][0] == {
        "value": members[5].remote_id,
        "display": "user5",
    }
    assert target.log[2].json == {
        "schemas": [CORE],
        "displayName": "Sales",
        "members": [
            {"value": member.remote_id, "display": member.name, "operation": "delete"}
            for member in members[:2]
        ],
    }


@pytest.mark.parametrize("status", [400, 404, 409])
def test_whoever_is_no_member_any_more_needs_no_removal(
    connect1: Connect1, status: int
) -> None:
    target, connector = connect1(strangers="refused", stranger_status=status)
    members = users(target, 8)
    sales = made(target, members[:6])

    if status == 409:
        with pytest.raises(RetryLater):
            list(connector.change_members(sales, MemberChanges(remove=members[4:])))
        return
    list(connector.change_members(sales, MemberChanges(remove=members[4:])))

    assert target.member_ids(sales.remote_id) == ids(members[:4])
    assert len(target.requests("GET")) == 1


def test_a_refused_removal_is_not_done_because_members_are_not_shown(
    connect1: Connect1,
) -> None:
    target, connector = connect1(strangers="refused", members_in_answers=False)
    members = users(target, 2)
    sales = made(target, members[:1])

    with pytest.raises(JobIsWrong, match="Refused as members: user1"):
        list(connector.change_members(sales, MemberChanges(remove=members[1:])))


def test_members_of_a_group_that_is_gone_say_so(connect1: Connect1) -> None:
    target, connector = connect1()

    with pytest.raises(RemoteMissing):
        list(
            connector.change_members(group(remote_id="g"), MemberChanges(add=users(target, 3)))
        )

    assert len(target.requests("PATCH")) == 1


def test_a_refused_member_spoils_only_itself(connect1: Connect1) -> None:
    target, connector = connect1(unknown_members="refused")
    members, sales = users(target, 9), made(target)
    wrong = Member("nobody", "kim")

    with pytest.raises(JobIsWrong, match="Refused as members: kim"):
        list(
            connector.change_members(
                sales, MemberChanges(add=[*members[:4], wrong, *members[4:]])
            )
        )

    assert sorted(target.member_ids(sales.remote_id)) == sorted(ids(members))


@pytest.mark.parametrize("status", [405, 501, 400, 404])
def test_without_patch_whole_groups_are_put_and_it_is_remembered(
    connect1: Connect1, status: int
) -> None:
    target, connector = connect1(patch=False, patch_missing_status=status, needs_names=True)
    ours, theirs = users(target, 4), target.add_user("admin")["id"]
    sales = made(target)
    target.groups[sales.remote_id]["members"] = [
        {"value": ours[0].remote_id, "display": "user0"},
        {"value": theirs, "display": "admin"},
    ]
    changes = MemberChanges(add=ours[1:], remove=ours[:1])

    with pytest.raises(NeedsAllMembers):
        list(connector.change_members(sales, changes))
    tried = len(target.requests("PATCH"))
    list(connector.change_members(sales, replace(changes, everyone=ours[1:])))
    connector.update(replace(sales, remote_name="Crew"))

    assert len(target.requests("PATCH")) - tried == 0
    held = target.groups[sales.remote_id]
    assert held["displayName"] == "Crew"
    assert sorted(m["value"] for m in held["members"]) == sorted([theirs, *ids(ours[1:])])
    assert {m["display"] for m in held["members"]} == {"admin", "user1", "user2", "user3"}


def test_without_patch_the_whole_user_is_put(connect1: Connect1) -> None:
    target, connector = connect1(patch=False, patch_missing_status=501)
    entity = person(attributes={"title": "Dr", "name": {"givenName": "Kim"}})
    entity = accepted(entity, connector.create(entity))
    target.users[entity.remote_id]["nickName"] = "theirs"

    connector.update(replace(entity, attributes={"title": "Prof"}))

    held = target.users[entity.remote_id]
    assert (held["title"], held["nickName"]) == ("Prof", "theirs")
    assert "name" not in held


def test_a_patch_that_took_nothing_away_is_followed_by_a_put(connect1: Connect1) -> None:
    target, connector = connect1(merges_only=True)
    old = {"title": "Dr", "emails": [{"value": "old@x.org"}, {"value": "kept@x.org"}]}
    entity = person(attributes=old)
    entity = accepted(entity, connector.create(entity))
    methods = []
    for wanted in (
        {"title": "Dr", "emails": [{"value": "kept@x.org"}]},
        {"emails": [{"value": "kept@x.org"}]},
    ):
        receipt = connector.update(replace(entity, attributes=wanted))
        entity = replace(entity, accepted=receipt.accepted)
        held = target.users[entity.remote_id]
        assert {key: held[key] for key in ("title", "emails") if key in held} == wanted
        methods.append([request.method for request in target.log])
        target.log.clear()

    assert methods == [["POST", "PATCH", "GET", "PUT"], ["PATCH", "GET", "PUT"]]
