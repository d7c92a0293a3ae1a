"""A person is created, changed, renamed, disabled and deleted; the target follows exactly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.models import User
from provisioning.changes import Result
from provisioning.models import AcceptedMember, Job, ProvisionedEntity, State
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Deliver = Callable[[], None]


def the_user(target: Scim2Target) -> dict[str, object]:
    [user] = target.users.values()
    return user


def test_a_person_follows_their_whole_life(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Deliver
) -> None:
    document = {"name": {"givenName": "Kim", "familyName": "Lee"}, "title": "Engineer"}
    kim = store.add_user("kim", document=document, external_id="e-1")
    assert [outcome.result for outcome in kim.outcomes] == [Result.QUEUED]
    deliver()
    there = the_user(target)
    assert (there["userName"], there["externalId"], there["title"]) == (
        "kim",
        "e-1",
        "Engineer",
    )
    assert there["name"] == {"givenName": "Kim", "familyName": "Lee"}

    store.set_user(kim.entity_id, "kim.lee", document={**document, "title": "Lead"})
    deliver()
    there = the_user(target)
    assert (there["userName"], there["title"]) == ("kim.lee", "Lead")

    store.set_user(kim.entity_id, "kim.lee", document=document, active=False)
    deliver()
    assert the_user(target)["active"] is False

    store.delete_user(kim.entity_id)
    deliver()
    assert target.users == {}
    assert not ProvisionedEntity.objects.exists()
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}


def test_what_does_not_change_is_not_sent(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Deliver
) -> None:
    kim = store.add_user("kim", document={"title": "Engineer"})
    deliver()
    again = store.set_user(kim.entity_id, "kim", document={"title": "Engineer"})

    assert not again.changed
    assert again.outcomes == []
    assert User.objects.get().version == 1


def test_a_group_takes_its_members_along_whenever_they_arrive(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Deliver
) -> None:
    kim, lee = store.add_user("kim"), store.add_user("lee")
    group = store.add_group("staff", members=[kim.entity_id, lee.entity_id])
    deliver()

    [there] = target.groups.values()
    names = {target.users[member["value"]]["userName"] for member in there["members"]}
    assert names == {"kim", "lee"}
    assert AcceptedMember.objects.count() == 2

    store.set_group(group.entity_id, remove=[kim.entity_id], name="crew")
    deliver()
    [there] = target.groups.values()
    assert there["displayName"] == "crew"
    assert [target.users[m["value"]]["userName"] for m in there["members"]] == ["lee"]

    store.delete_group(group.entity_id)
    deliver()
    assert target.groups == {}


def test_changes_before_delivery_become_one_request(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Deliver
) -> None:
    kim = store.add_user("kim", password="first-secret")
    store.set_user(kim.entity_id, "kim", document={"title": "Lead"})
    deliver()

    assert the_user(target)["title"] == "Lead"
    states = list(Job.objects.order_by("id").values_list("state", flat=True))
    assert states == [State.SUPERSEDED, State.DONE]


def test_a_create_that_never_left_and_its_delete_cancel_each_other(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Deliver
) -> None:
    kim = store.add_user("kim")
    gone = store.delete_user(kim.entity_id)
    deliver()

    assert [outcome.result for outcome in gone.outcomes] == [Result.SKIPPED]
    assert set(Job.objects.values_list("state", flat=True)) == {State.CANCELLED}
    assert target.users == {}
    assert target.log == []


def test_the_new_kim_never_gets_the_old_kims_account(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Deliver
) -> None:
    old = store.add_user("kim", document={"title": "old"})
    deliver()
    [old_id] = target.users
    store.delete_user(old.entity_id)
    store.add_user("kim", document={"title": "new"})
    deliver()

    assert the_user(target)["title"] == "new"
    assert old_id not in target.users
