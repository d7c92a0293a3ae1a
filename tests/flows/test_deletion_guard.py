"""The deletion guard: too many removals at once wait for an operator, however they come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F

from idp.models import INTERNAL, OutboundConnector, UserStore
from provisioning import operations
from provisioning.models import GuardWindow, Job, LinkState, ProvisionedEntity, State
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


def guarded(**limits: int) -> None:
    OutboundConnector.objects.update(**{f"guard_{name}": n for name, n in limits.items()})


def people(store: Store, count: int) -> list[object]:
    return [store.add_user(f"person-{n}").entity_id for n in range(count)]


def held() -> list[Job]:
    return list(Job.objects.filter(state=State.HELD).order_by("position"))


def test_a_percentage_lets_so_many_go_and_holds_the_rest(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    guarded(max_percent=5)
    ids = people(store, 100)
    deliver()
    for one in ids[:30]:
        store.delete_user(one)
        deliver()

    assert len(target.users) == 95
    assert len(held()) == 25
    assert held()[0].reason == (
        "deletion guard: 5 of 100 users have gone within 60 minutes, and 1 more would be "
        "above the limit of 5 %"
    )

    oldest = Job.objects.filter(pk__in=[job.pk for job in held()[:10]])
    assert operations.release(oldest, actor="ops") == 10
    deliver()

    assert len(target.users) == 85
    assert len(held()) == 15


def test_what_is_held_makes_room_for_everything_else(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    guarded(max_count=1)
    ids = people(store, 40)
    deliver()
    for one in ids[:35]:
        store.delete_user(one)
    store.set_user(ids[39], "person-39", document={"title": "Lead"})
    deliver()

    assert len(target.users) == 39
    assert len(held()) == 34
    assert any(user.get("title") == "Lead" for user in target.users.values())


def test_disabling_counts_as_well(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    guarded(max_count=2)
    ids = people(store, 5)
    deliver()
    store.delete_user(ids[0])
    for n in (1, 2):
        store.set_user(ids[n], f"person-{n}", active=False)
    deliver()

    assert sorted(u["active"] for u in target.users.values()) == [False, True, True, True]
    assert [job.operation for job in held()] == ["update"]


def test_losing_a_role_counts_and_is_taken_back_when_it_is_held_again(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    tenant = store.service_provider.tenant
    UserStore.objects.get_or_create(tenant=tenant, domain=INTERNAL)
    role = store.add_group("Internal/staff").entity_id
    row.provider.provisioning_roles = ["Internal/staff"]
    row.provider.save()
    ids = [store.add_user(f"p-{n}", join=["Internal/staff"]).entity_id for n in range(4)]
    deliver()
    guarded(max_count=1)
    store.set_group(role, remove=ids)
    deliver()
    assert len(target.users) == 3
    assert [job.operation for job in held()] == ["withdraw"] * 3

    store.set_group(role, add=[ids[3]])
    deliver()

    assert len(held()) == 2
    assert len(target.users) == 3


def test_a_rejected_delete_leaves_the_account_on_purpose(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    guarded(max_count=1)
    ids = people(store, 3)
    deliver()
    for one in ids:
        store.delete_user(one)
    deliver()

    assert operations.reject(Job.objects.all(), actor="ops") == 2
    deliver()

    assert len(target.users) == 2
    left = ProvisionedEntity.objects.filter(state=LinkState.LEFT)
    assert left.count() == 2


def test_what_is_planned_again_on_its_way_counts_once(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    guarded(max_count=2)
    ids = people(store, 5)
    deliver()
    for one in ids[:4]:
        store.delete_user(one)
    # As a change of its settings does.
    OutboundConnector.objects.update(revision=F("revision") + 1)
    deliver()

    assert len(target.users) == 3
    assert len(held()) == 2


def test_after_the_window_as_many_may_go_again(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    guarded(max_count=1, window_minutes=30)
    ids = people(store, 5)
    deliver()
    store.delete_user(ids[0])
    store.delete_user(ids[1])
    deliver()
    window = GuardWindow.objects.get()
    assert (window.base, window.counted) == (5, 1)
    GuardWindow.objects.update(began=window.began - timedelta(minutes=31))

    store.delete_user(ids[2])
    deliver()

    assert len(target.users) == 3
    assert len(held()) == 1
    window.refresh_from_db()
    assert (window.base, window.counted) == (4, 1)


def test_a_retried_delete_is_not_counted_twice(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    guarded(max_count=1)
    [kim] = people(store, 1)
    deliver()
    target.fail_next(500, method="DELETE")
    store.delete_user(kim)
    deliver()
    later()
    deliver()

    assert target.users == {}
    assert GuardWindow.objects.get().counted == 1


def test_members_who_stay_at_the_target_are_counted_per_group(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    guarded(max_percent=20)
    ids = people(store, 60)
    group = store.add_group("sales", members=ids[:50]).entity_id
    small = store.add_group("small", members=ids[50:]).entity_id
    deliver()

    store.set_group(small, remove=ids[50:59])  # nine of ten: too few to speak of a mass
    store.set_group(group, remove=ids[:10])
    deliver()
    assert len(target.member_names("small")) == 1
    assert len(target.member_names("sales")) == 40

    store.set_group(group, remove=ids[10:12])
    deliver()

    assert len(target.member_names("sales")) == 40
    [job] = held()
    assert "10 of 50 members have gone" in job.reason
    operations.release(Job.objects.filter(pk=job.pk), actor="ops")
    deliver()
    assert len(target.member_names("sales")) == 38


def test_without_limits_nothing_is_held_or_counted(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    ids = people(store, 10)
    deliver()
    for one in ids:
        store.delete_user(one)
    deliver()

    assert target.users == {}
    assert not GuardWindow.objects.exists()


def test_a_blocking_delete_that_is_held_is_no_failure(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    guarded(max_count=1)
    ids = people(store, 2)
    deliver()
    OutboundTarget.objects.update(blocking=True, on_blocking_failure="refuse")
    store.delete_user(ids[0])

    outcome = store.delete_user(ids[1])

    assert [one.result for one in outcome.outcomes] == ["held"]
    assert "deletion guard" in outcome.outcomes[0].reason
    assert len(target.users) == 1
