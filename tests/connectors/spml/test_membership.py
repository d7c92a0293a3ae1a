"""Members of a group: values of one attribute, a hundred at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import JobIsWrong, Member, MemberChanges, RemoteMissing, RetryLater
from connectors.spml.connector import SpmlConnector
from connectors.testing import accepted
from tests.connectors.spml.conftest import Connect, group, operations, person
from tests.fakes.spml import SpmlTarget
from tests.fakes.spml.soap import every, values_of


def made(connector: SpmlConnector, *names: str) -> list[Member]:
    return [Member(connector.create(person(name)).remote_id, name) for name in names]


def test_members_come_and_go_in_one_request_each(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    sales = accepted(group(), connector.create(group()))
    kim, lee, max_ = made(connector, "kim", "lee", "max")
    target.log.clear()

    list(connector.change_members(sales, MemberChanges(add=[kim, lee])))
    list(connector.change_members(sales, MemberChanges(add=[max_], remove=[kim])))

    assert operations(target) == ["ModifyRequest"] * 3
    sent = [
        (one.get("operation"), one.get("name"), values_of(one))
        for asked in target.asked("modifyRequest")
        for one in every(asked, "spml:modification/dsml:modification")
    ]
    assert sent == [
        ("add", "member", [kim.remote_id, lee.remote_id]),
        ("add", "member", [max_.remote_id]),
        ("delete", "member", [kim.remote_id]),
    ]
    assert target.member_names("sales") == ["lee", "max"]


def test_who_is_in_or_out_already_is_done(target: SpmlTarget, connector: SpmlConnector) -> None:
    sales = accepted(group(), connector.create(group()))
    kim, lee, max_ = members = made(connector, "kim", "lee", "max")
    list(connector.change_members(sales, MemberChanges(add=[kim])))

    chunks = list(connector.change_members(sales, MemberChanges(add=members)))
    assert sorted(m.name for chunk in chunks for m in chunk) == ["kim", "lee", "max"]
    list(connector.change_members(sales, MemberChanges(remove=[lee])))
    chunks = list(connector.change_members(sales, MemberChanges(remove=[kim, lee])))
    assert sorted(m.name for chunk in chunks for m in chunk) == ["kim", "lee"]
    assert target.member_names("sales") == ["max"]
    assert list(connector.change_members(sales, MemberChanges(add=[max_]))) == [[max_]]


def test_a_bad_member_spoils_only_itself(target: SpmlTarget, connector: SpmlConnector) -> None:
    sales = accepted(group(), connector.create(group()))
    good = made(connector, "kim", "lee", "max")
    changes = MemberChanges(add=[*good, Member("pso-99", "zed")])

    with pytest.raises(JobIsWrong, match=r"Refused as members: zed.*cannot be a member"):
        list(connector.change_members(sales, changes))

    assert target.member_names("sales") == ["kim", "lee", "max"]


def test_what_was_taken_is_told_before_the_error(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    sales = accepted(group(), connector.create(group()))
    good = made(connector, "kim")
    changes = MemberChanges(add=[*good, Member("pso-99", "zed")])
    chunks = connector.change_members(sales, changes)

    assert list(next(iter(chunks))) == good
    with pytest.raises(JobIsWrong, match="zed"):
        list(chunks)


def test_many_bad_members_are_given_up_as_a_whole(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    sales = accepted(group(), connector.create(group()))
    bad = [Member(f"pso-{number}", f"user{number}") for number in range(90, 190)]
    target.log.clear()

    with pytest.raises(JobIsWrong, match="Refused as members: user90, user91, user92"):
        list(connector.change_members(sales, MemberChanges(add=bad)))

    assert len(target.log) < 20
    assert operations(target).count("LookupRequest") == 1


def test_a_group_that_is_gone_is_gone(target: SpmlTarget, connector: SpmlConnector) -> None:
    sales = accepted(group(), connector.create(group()))
    members = made(connector, "kim", "lee")
    connector.delete(sales)

    with pytest.raises(RemoteMissing):
        list(connector.change_members(sales, MemberChanges(add=members)))


def test_a_group_shown_without_anybody_is_not_believed_to_be_empty(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    sales = accepted(group(), connector.create(group()))
    kim = made(connector, "kim")
    target.refuse_next("modifyRequest", "customError", "locked")

    with pytest.raises(JobIsWrong, match=r"kim.*locked"):
        list(connector.change_members(sales, MemberChanges(remove=kim)))


def test_what_nobody_is_to_blame_for_is_raised_at_once(
    target: SpmlTarget, connector: SpmlConnector
) -> None:
    sales = accepted(group(), connector.create(group()))
    members = made(connector, "kim", "lee")
    target.refuse_next("modifyRequest", "unsupportedOperation")
    with pytest.raises(JobIsWrong, match="unsupportedOperation"):
        list(connector.change_members(sales, MemberChanges(add=members)))

    target.garbage_next(path="ModifyRequest")
    with pytest.raises(RetryLater):
        list(connector.change_members(sales, MemberChanges(add=members)))


def test_the_attributes_of_groups_can_be_named(connect: Connect) -> None:
    target, connector = connect(
        settings={"member_attribute": "Member", "group_name_attribute": "CN"}
    )
    sales = accepted(group(), connector.create(group()))
    members = made(connector, "kim")
    list(connector.change_members(sales, MemberChanges(add=members)))

    connector.update(replace(sales, remote_name="crew"))
    receipt = connector.update(replace(sales, remote_name="crew", accepted=None))

    assert target.group("crew").values("member") == [members[0].remote_id]
    assert receipt.accepted == {"CN": "crew"}
    assert operations(target).count("ActiveRequest") == 0
