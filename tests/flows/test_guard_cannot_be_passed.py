"""What the deletion guard holds goes only when an operator says so, whatever comes after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from idp.models import INTERNAL, OutboundConnector, UserStore
from idp.revisions import touch
from provisioning import operations, reconsidering
from provisioning.models import (
    AuditEvent,
    GuardWindow,
    Job,
    ProvisionedEntity,
    State,
    Whom,
)
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, names

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


def held() -> list[Job]:
    return list(Job.objects.filter(state=State.HELD).order_by("position"))


def the_window_is_over() -> None:
    GuardWindow.objects.update(began=timezone.now() - timedelta(days=1))


@pytest.fixture
def staff(row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step) -> list[Any]:
    """The role, and four who hold it and have accounts; one may go in a window."""
    UserStore.objects.get_or_create(tenant=store.service_provider.tenant, domain=INTERNAL)
    role = store.add_group("Internal/staff").entity_id
    row.provider.provisioning_roles = ["Internal/staff"]
    row.provider.save()
    ids = [store.add_user(f"p-{n}", join=["Internal/staff"]).entity_id for n in range(4)]
    deliver()
    OutboundConnector.objects.update(guard_max_count=1)
    return [role, *ids]


def test_a_change_of_the_person_does_not_send_what_is_held(
    target: Scim2Target, store: Store, deliver: Step, staff: list[Any]
) -> None:
    role, *ids = staff
    store.set_group(role, remove=ids)
    deliver()
    assert names(target) == ["p-1", "p-2", "p-3"]
    reason = held()[0].reason

    the_window_is_over()
    store.set_user(ids[1], "p-1", document={"title": "Lead"})
    deliver()

    assert names(target) == ["p-1", "p-2", "p-3"]
    assert [job.entity_name for job in held()] == ["p-2", "p-3", "p-1"]
    assert held()[2].reason == reason


def test_planning_everybody_again_does_not_either(
    target: Scim2Target, store: Store, deliver: Step, staff: list[Any], row: OutboundTarget
) -> None:
    role, *ids = staff
    store.set_group(role, remove=ids)
    deliver()
    before = [job.pk for job in held()]

    the_window_is_over()
    for whom in (Whom.THERE, Whom.ENTITLED):
        reconsidering.ask([row.connector], whom, "to be sure", actor="ops")
    while reconsidering.work():
        pass
    deliver()

    assert names(target) == ["p-1", "p-2", "p-3"]
    assert [job.pk for job in held()] == before


def test_an_update_that_has_become_a_withdrawal_meets_the_guard(
    target: Scim2Target, store: Store, deliver: Step, staff: list[Any], row: OutboundTarget
) -> None:
    _, *ids = staff
    for n, one in enumerate(ids):
        store.set_user(one, f"p-{n}", document={"title": "Lead"})
    row.provider.provisioning_roles = ["Internal/nobody"]
    row.provider.save()
    touch(row.provider)
    deliver()

    assert names(target) == ["p-1", "p-2", "p-3"]
    assert [job.operation for job in held()] == ["withdraw"] * 3
    assert "deletion guard: 1 of 4 users" in held()[0].reason


def test_what_was_released_goes_though_the_person_changes_once_more(
    target: Scim2Target, store: Store, deliver: Step, staff: list[Any]
) -> None:
    role, *ids = staff
    store.set_group(role, remove=ids)
    deliver()
    operations.release(Job.objects.filter(pk=held()[0].pk), actor="ops")
    store.set_user(ids[1], "p-1", document={"title": "Lead"})
    deliver()

    assert names(target) == ["p-2", "p-3"]


def test_who_is_enabled_again_is_held_no_longer(
    target: Scim2Target, store: Store, deliver: Step, staff: list[Any]
) -> None:
    _, *ids = staff
    for n, one in enumerate(ids[:2]):
        store.set_user(one, f"p-{n}", active=False)
    deliver()
    assert len(held()) == 1
    the_window_is_over()
    store.set_user(ids[1], "p-1", active=False, document={"title": "Lead"})
    deliver()
    assert [one.operation for one in held()] == ["update"]

    store.set_user(ids[1], "p-1", document={"title": "Head"})
    deliver()

    assert not held()
    account = next(u for u in target.users.values() if u["userName"] == "p-1")
    assert (account["active"], account["title"]) == (True, "Head")


def test_another_change_of_a_group_takes_nobody_out_who_is_held_in(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    ids = [store.add_user(f"p-{n}").entity_id for n in range(8)]
    group = store.add_group("sales", members=ids[:6]).entity_id
    deliver()
    OutboundConnector.objects.update(guard_max_count=1)
    store.set_group(group, remove=ids[:4])
    deliver()
    [before] = held()

    the_window_is_over()
    store.set_group(group, add=[ids[6]])
    deliver()

    assert len(target.member_names("sales")) == 6
    [job] = held()
    assert job.reason == before.reason

    assert operations.reject(Job.objects.filter(pk=job.pk), actor="ops") == 1
    deliver()

    # The four stay; the one who was added arrives.
    assert sorted(target.member_names("sales")) == [f"p-{n}" for n in range(7)]
    assert not held()


def test_members_who_join_the_line_later_are_counted_too(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    ids = [store.add_user(f"p-{n}").entity_id for n in range(8)]
    group = store.add_group("sales", members=ids).entity_id
    deliver()
    OutboundConnector.objects.update(guard_max_count=2)
    target.fail_next(500, method="PATCH")
    store.set_group(group, remove=ids[:1])
    deliver()  # counted, and not through
    store.set_group(group, remove=ids[1:5])
    later()
    deliver()

    assert len(target.member_names("sales")) == 8
    [job] = held()
    assert "1 of 8 members have gone" in job.reason
    assert "4 more" in job.reason


def test_groups_do_not_lose_those_whose_account_is_held_there(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    ids = [store.add_user(f"p-{n}").entity_id for n in range(4)]
    store.add_group("sales", members=ids)
    deliver()
    OutboundConnector.objects.update(guard_max_count=1, delete_action="disable")
    for one in ids:
        store.delete_user(one)
    deliver()

    assert [u["active"] for u in target.users.values()].count(False) == 1
    assert len(target.member_names("sales")) == 4
    assert {job.entity_type for job in held()} == {"user", "group"}


def test_it_is_told_in_the_audit_trail(
    target: Scim2Target, store: Store, deliver: Step, staff: list[Any]
) -> None:
    role, *ids = staff
    store.set_group(role, remove=ids)
    deliver()

    told = AuditEvent.objects.filter(action="job.hold")
    assert {one.subject_name for one in told} == {"p-1", "p-2", "p-3"}
    assert {one.actor for one in told} == {"deletion guard"}
    assert "deletion guard: 1 of 4 users" in told[0].detail["reason"]


def test_what_nobody_decides_about_is_rejected_in_time_where_that_is_wanted(
    target: Scim2Target, store: Store, deliver: Step, staff: list[Any]
) -> None:
    role, *ids = staff
    store.set_group(role, remove=ids)
    deliver()
    long_ago = timezone.now() - timedelta(hours=25)
    Job.objects.filter(pk__in=[job.pk for job in held()[:2]]).update(updated=long_ago)
    assert operations.expire() == 0  # off by default

    OutboundConnector.objects.update(guard_expire_hours=24)
    assert operations.expire() == 2
    deliver()

    assert names(target) == ["p-1", "p-2", "p-3"]
    assert [job.entity_name for job in held()] == ["p-3"]
    assert ProvisionedEntity.objects.filter(state="left").count() == 2
    expired = Job.objects.filter(state=State.CANCELLED).values_list("reason", flat=True)
    assert set(expired) == {"expired: nobody decided about it within 24 hours"}
