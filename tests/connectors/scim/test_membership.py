from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import (
    Entity,
    JobIsWrong,
    Member,
    MemberChanges,
    NeedsAllMembers,
    RemoteMissing,
    RetryLater,
)
from connectors.scim.v2 import Scim2Connector
from connectors.testing import accepted
from tests.connectors.scim.conftest import Connect
from tests.connectors.scim.people import group
from tests.fakes.scim2 import Scim2Target


def users(target: Scim2Target, count: int) -> list[Member]:
    return [Member(target.add_user(f"user{n}")["id"], f"user{n}") for n in range(count)]


def made(target: Scim2Target, members: list[Member] | None = None) -> Entity:
    resource = target.add_group("Sales", [member.remote_id for member in members or []])
    return group(remote_id=resource["id"], accepted={"displayName": "Sales"})


def ids(members: list[Member]) -> list[str]:
    return [member.remote_id for member in members]


def test_members_are_added_a_hundred_at_a_time(connect: Connect) -> None:
    target, connector = connect()
    members, sales = users(target, 250), made(target)

    chunks = list(connector.change_members(sales, MemberChanges(add=members)))

    assert [len(chunk) for chunk in chunks] == [100, 100, 50]
    assert target.member_ids(sales.remote_id) == ids(members)
    assert target.log[0].json["Operations"][0]["value"][0] == {"value": members[0].remote_id}


def test_members_are_removed_by_filtered_paths(connect: Connect) -> None:
    target, connector = connect()
    members = users(target, 130)
    sales = made(target, members)

    chunks = list(connector.change_members(sales, MemberChanges(remove=members[:120])))

    assert [len(chunk) for chunk in chunks] == [100, 20]
    assert target.member_ids(sales.remote_id) == ids(members[120:])
    assert target.log[0].json["Operations"][0] == {
        "op": "remove",
        "path": f'members[value eq "{members[0].remote_id}"]',
    }


def test_removing_somebody_already_gone_is_no_error(connect: Connect) -> None:
    target, connector = connect()
    members = users(target, 8)
    sales = made(target, members[:6])

    chunks = list(connector.change_members(sales, MemberChanges(remove=members[4:])))

    assert sorted(ids([one for chunk in chunks for one in chunk])) == ids(members[4:])
    assert target.member_ids(sales.remote_id) == ids(members[:4])


def test_each_chunk_is_reported_before_the_next_is_sent(connect: Connect) -> None:
    target, connector = connect()
    members, sales = users(target, 150), made(target)
    changing = connector.change_members(sales, MemberChanges(add=members))

    first = next(iter(changing))
    target.drop_next(processed=False)
    with pytest.raises(RetryLater):
        list(changing)

    assert list(first) == members[:100]
    assert len(target.member_ids(sales.remote_id)) == 100


@pytest.mark.parametrize("status", [400, 409])
def test_adding_somebody_who_is_there_already_is_no_error(
    connect: Connect, status: int
) -> None:
    target, connector = connect()
    (member,) = users(target, 1)
    sales = made(target, [member])
    target.fail_next(status, document={"detail": "the member already exists"})

    chunks = list(connector.change_members(sales, MemberChanges(add=[member])))

    assert chunks == [[member]]


def test_a_conflict_with_others_is_tried_again_later(connect: Connect) -> None:
    target, connector = connect()
    members, sales = users(target, 2), made(target)
    target.fail_next(409, document={"detail": "the group is being changed"})

    with pytest.raises(RetryLater):
        list(connector.change_members(sales, MemberChanges(add=members)))


def test_one_refused_member_spoils_only_itself(connect: Connect) -> None:
    target, connector = connect(unknown_members="refused")
    members, sales = users(target, 40), made(target)
    wrong = Member("nobody", "kim")
    done: list[Member] = []

    changes = MemberChanges(add=[*members[:20], wrong, *members[20:]])
    with pytest.raises(JobIsWrong, match="Refused as members: kim"):
        done.extend(one for chunk in connector.change_members(sales, changes) for one in chunk)

    assert done == members
    assert sorted(target.member_ids(sales.remote_id)) == sorted(ids(members))


def test_a_change_that_is_refused_again_and_again_is_given_up(connect: Connect) -> None:
    target, connector = connect(unknown_members="refused")
    sales = made(target)
    wrong = [Member(f"nobody{n}", f"kim{n}") for n in range(100)]

    with pytest.raises(JobIsWrong):
        list(connector.change_members(sales, MemberChanges(add=wrong)))

    assert target.count_requests() < 20


def test_a_server_that_takes_fewer_at_once_gets_fewer(connect: Connect) -> None:
    target, connector = connect(most_members_at_once=30)
    members, sales = users(target, 100), made(target)

    list(connector.change_members(sales, MemberChanges(add=members)))

    assert sorted(target.member_ids(sales.remote_id)) == sorted(ids(members))


def test_members_of_a_group_that_is_gone_say_so(connect: Connect) -> None:
    target, connector = connect()
    (member,) = users(target, 1)

    for changes in (MemberChanges(add=[member]), MemberChanges(remove=[member])):
        with pytest.raises(RemoteMissing):
            list(connector.change_members(group(remote_id="gone"), changes))


def test_nothing_to_change_sends_nothing(connect: Connect) -> None:
    target, connector = connect()

    assert list(connector.change_members(made(target), MemberChanges())) == []
    assert target.log == []


@pytest.mark.parametrize("by", ["setting", "405"])
def test_whole_groups_need_everyone(connect: Connect, by: str) -> None:
    target, connector = by_put(connect, by)
    members = users(target, 3)

    with pytest.raises(NeedsAllMembers):
        list(connector.change_members(made(target), MemberChanges(add=members)))

    assert target.requests("PUT") == []


@pytest.mark.parametrize("by", ["setting", "405"])
def test_whole_groups_are_put_and_keep_what_others_put_there(connect: Connect, by: str) -> None:
    target, connector = by_put(connect, by)
    ours, theirs = users(target, 4), Member(target.add_user("admin")["id"], "admin")
    sales = made(target, [*ours[:2], theirs])
    target.groups[sales.remote_id]["description"] = "theirs"

    changes = MemberChanges(add=ours[2:], remove=ours[:1], everyone=ours[1:])
    chunks = list(connector.change_members(sales, changes))

    assert chunks == [[*ours[2:], ours[0]]]
    there = sorted(target.member_ids(sales.remote_id))
    assert there == sorted(ids([*ours[1:], theirs]))
    assert target.groups[sales.remote_id]["description"] == "theirs"


def test_members_that_are_no_list_count_as_none(connect: Connect) -> None:
    target, connector = connect(settings={"update_method": "put"})
    members, sales = users(target, 2), made(target)
    target.groups[sales.remote_id]["members"] = True

    list(connector.change_members(sales, MemberChanges(add=members, everyone=members)))

    assert target.member_ids(sales.remote_id) == ids(members)


@pytest.mark.parametrize("by", ["setting", "405"])
def test_a_group_renamed_by_put_keeps_its_members(connect: Connect, by: str) -> None:
    target, connector = by_put(connect, by)
    members = users(target, 3)
    sales = made(target, members)

    receipt = connector.update(replace(sales, remote_name="Sales & Co"))

    assert target.member_ids(sales.remote_id) == ids(members)
    assert target.groups[sales.remote_id]["displayName"] == "Sales & Co"
    assert accepted(sales, receipt).accepted == {"displayName": "Sales & Co"}


def by_put(connect: Connect, by: str) -> tuple[Scim2Target, Scim2Connector]:
    return (
        connect(settings={"update_method": "put"}) if by == "setting" else connect(patch=False)
    )
