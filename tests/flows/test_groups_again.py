"""Groups whose jobs meet: restored while a delete waits, held with a change-set, made again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors import EntityType
from idp.models import Membership, OutboundConnector
from provisioning import operations
from provisioning.changes import Action, GroupData, TargetRefused
from provisioning.models import Job, State
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]


def test_a_group_restored_while_its_delete_waits_stays(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim")
    staff = store.add_group("staff", members=[kim.entity_id])
    deliver()
    store.delete_group(staff.entity_id)
    store.change(
        Action.CREATE,
        EntityType.GROUP,
        entity_id=staff.entity_id,
        group=GroupData(name="staff", members=[kim.entity_id]),
    )
    deliver()

    assert target.member_names("staff") == ["kim"]
    assert not Job.objects.filter(is_open=True).exists()


def test_a_refused_delete_of_a_group_leaves_it_there(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    kim = store.add_user("kim")
    staff = store.add_group("staff", members=[kim.entity_id])
    deliver()
    OutboundTarget.objects.update(blocking=True, on_blocking_failure="refuse")
    target.fail_next(503, method="DELETE")
    with pytest.raises(TargetRefused):
        store.delete_group(staff.entity_id)
    later()
    deliver()

    assert target.member_names("staff") == ["kim"]
    assert Membership.objects.filter(group_id=staff.entity_id).count() == 1


def test_a_held_group_keeps_the_members_it_was_to_take(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    OutboundConnector.objects.update(on_conflict="hold")
    target.add_group("staff")
    kim, lee = store.add_user("kim"), store.add_user("lee")
    deliver()
    staff = store.add_group("staff", members=[kim.entity_id])
    deliver()
    assert Job.objects.get(state=State.HELD).reason_code == "conflict"

    store.set_group(staff.entity_id, add=[lee.entity_id])
    deliver()
    operations.release(Job.objects.all(), actor="ops")
    deliver()
    assert target.member_names("staff") == ["kim", "lee"]


@pytest.mark.parametrize("name", ["crew", "staff"])
def test_a_group_that_vanished_is_made_again_with_all_its_members(
    target: Scim2Target, store: Store, deliver: Step, name: str
) -> None:
    people = [store.add_user(name).entity_id for name in ("kim", "lee", "max")]
    staff = store.add_group("staff", members=people[:2])
    deliver()
    target.groups.clear()
    store.set_group(staff.entity_id, name=name, add=[people[2]])
    deliver()

    assert target.member_names(name) == ["kim", "lee", "max"]
