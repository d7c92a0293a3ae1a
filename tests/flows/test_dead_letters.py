"""What failed is grouped by its cause, sent again or skipped by the group, and over when
something newer was delivered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors import EntityType
from idp.models import OutboundConnector, Tenant
from provisioning import letters, operations, pruning, replays
from provisioning.changes import Action, UserData
from provisioning.models import (
    AuditEvent,
    Job,
    LinkState,
    ProvisionedEntity,
    Replay,
    ReplayAction,
    State,
)
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, names

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]


def refuse(target: Scim2Target, detail: str, status: int = 400) -> None:
    target.fail_next(status, document={"detail": detail})


def failed(
    target: Scim2Target, store: Store, deliver: Step, detail: str, *people: str
) -> dict[str, object]:
    """People whom the target refuses with words that name them; their ids."""
    ids = {}
    for name in people:
        refuse(target, detail.format(name))
        ids[name] = store.add_user(name).entity_id
        deliver()
    return ids


def test_one_cause_is_one_group(
    target: Scim2Target, tenant: Tenant, store: Store, deliver: Step
) -> None:
    failed(target, store, deliver, "{0} has no manager (ticket 4711-{0})", "kim", "lee", "max")
    failed(target, store, deliver, "title of {0} is too long", "ola")

    several, one = letters.groups(tenant)

    assert (several.count, one.count) == (3, 1)
    assert several.oldest < several.newest <= one.oldest
    assert "max has no manager" in several.reason
    assert "Shorten it" in one.advice
    assert {job.entity_name for job in letters.of_group(one.connector, one.signature)} == {
        "ola"
    }


def test_a_group_is_retried_and_leaves_the_others(
    target: Scim2Target, tenant: Tenant, store: Store, deliver: Step
) -> None:
    failed(target, store, deliver, "{} has no manager", "kim", "lee")
    failed(target, store, deliver, "title of {} is too long", "ola")
    group = letters.groups(tenant)[0]

    done = replays.begin(group.connector, group.signature, ReplayAction.RETRY, actor="ops")
    deliver()

    assert done is not None
    assert (done.total, done.done, done.left) == (2, 2, 0)
    assert done.finished is not None
    assert names(target) == ["kim", "lee"]
    assert [left.count for left in letters.groups(tenant)] == [1]
    assert AuditEvent.objects.filter(action="letters.retry", detail__jobs=2).count() == 1
    assert replays.begin(group.connector, group.signature, ReplayAction.SKIP, actor="x") is None


def test_many_are_dealt_with_batch_by_batch_by_whoever_goes_on(
    target: Scim2Target,
    tenant: Tenant,
    store: Store,
    deliver: Step,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed(target, store, deliver, "{} has no manager", "a", "b", "c", "d", "e")
    [group] = letters.groups(tenant)
    monkeypatch.setattr(replays, "BATCH", 2)
    monkeypatch.setattr(replays, "TURN", 0.0)

    begun = replays.begin(group.connector, group.signature, ReplayAction.RETRY, actor="ops")
    assert begun is not None
    assert (begun.done, begun.finished) == (2, None)
    again = replays.begin(group.connector, group.signature, ReplayAction.SKIP, actor="ann")
    assert again == begun

    while replays.work():
        pass
    begun.refresh_from_db()
    assert (begun.done, begun.left, begun.percent) == (5, 0, 100)
    deliver()
    assert len(target.users) == 5


def test_what_fails_again_meanwhile_is_not_tried_for_ever(
    target: Scim2Target, tenant: Tenant, store: Store, deliver: Step
) -> None:
    failed(target, store, deliver, "{} has no manager", "kim")
    [group] = letters.groups(tenant)
    refuse(target, "kim has no manager")

    replays.begin(group.connector, group.signature, ReplayAction.RETRY, actor="ops")
    deliver()

    assert not replays.work()
    assert [(one.count, one.signature) for one in letters.groups(tenant)] == [
        (1, group.signature)
    ]
    assert Replay.objects.get().done == 1


def test_a_newer_change_that_is_delivered_ends_a_dead_letter(
    target: Scim2Target, tenant: Tenant, store: Store, deliver: Step
) -> None:
    ids = failed(target, store, deliver, "{} has no manager", "kim")
    store.set_user(ids["kim"], "kim", document={"title": "Dr"})
    deliver()

    old, new = Job.objects.order_by("position")
    assert (old.state, old.reason_code, new.state) == (
        State.SUPERSEDED,
        "overtaken",
        State.DONE,
    )
    assert letters.groups(tenant) == []


def test_a_newer_change_on_its_way_keeps_a_dead_letter_from_being_retried(
    target: Scim2Target,
    tenant: Tenant,
    connector: OutboundConnector,
    store: Store,
    deliver: Step,
) -> None:
    ids = failed(target, store, deliver, "{} has no manager", "kim")
    OutboundConnector.objects.update(mode="paused")
    store.set_user(ids["kim"], "kim", document={"title": "Dr"})
    [group] = letters.groups(tenant)

    done = replays.begin(connector, group.signature, ReplayAction.RETRY, actor="ops")

    assert done is not None
    assert (done.done, done.left) == (0, 1)
    OutboundConnector.objects.update(mode="active")
    deliver()
    assert letters.groups(tenant) == []
    assert [user["title"] for user in target.users.values()] == ["Dr"]


def test_skipped_people_are_sent_by_their_next_change(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    ids = failed(target, store, deliver, "{} has no manager", "kim", "lee")

    skipped = operations.skip(
        Job.objects.filter(entity_name="kim"), actor="ops", reason="leaves on Friday"
    )
    deliver()

    job = Job.objects.get(entity_name="kim")
    assert (skipped, job.state, job.reason_code) == (1, State.CANCELLED, "skipped")
    assert job.reason == "skipped by ops: leaves on Friday"
    assert AuditEvent.objects.get(action="job.skip").detail["job"] == str(job.pk)
    assert operations.retry(Job.objects.filter(entity_name="kim"), actor="ops") == 0
    assert names(target) == []

    store.set_user(ids["kim"], "kim", document={"title": "Dr"})
    deliver()
    assert names(target) == ["kim"]


def test_a_skipped_create_that_may_have_been_sent_is_removed_with_its_person(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.drop_next(method="POST", processed=True)
    kim = store.add_user("kim")
    deliver()
    Job.objects.update(give_up_at=Job.objects.get().created)
    target.fail_next(500)
    later()
    deliver()
    assert Job.objects.get().state == State.FAILED
    operations.skip(Job.objects.all(), actor="ops")
    Job.objects.update(finished="2001-01-01T00:00:00Z")
    assert not pruning.finished_before(30).exists()

    store.delete_user(kim.entity_id)
    deliver()

    assert target.users == {}


@pytest.mark.parametrize("skipped", [False, True])
def test_members_of_a_refused_group_job_go_with_the_next_change(
    target: Scim2Target, store: Store, deliver: Step, skipped: bool
) -> None:
    kim, lee = store.add_user("kim"), store.add_user("lee")
    group = store.add_group("sales")
    deliver()
    refuse(target, "sales is locked")
    store.set_group(group.entity_id, add=[kim.entity_id])
    deliver()

    if skipped:
        operations.skip(Job.objects.filter(state=State.FAILED), actor="ops")
    store.set_group(group.entity_id, add=[lee.entity_id])
    deliver()

    assert target.member_names("sales") == ["kim", "lee"]


def test_a_skipped_delete_leaves_the_account_on_purpose(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim")
    deliver()
    refuse(target, "kim is under legal hold")
    store.delete_user(kim.entity_id)
    deliver()

    operations.skip(Job.objects.filter(state=State.FAILED), actor="ops")
    deliver()

    assert names(target) == ["kim"]
    assert ProvisionedEntity.objects.get().state == LinkState.LEFT


def test_a_late_retry_of_a_delete_does_not_remove_who_is_here_again(
    target: Scim2Target, tenant: Tenant, store: Store, deliver: Step
) -> None:
    """The removal of somebody who was restored meanwhile: nothing newer may be undone."""
    kim = store.add_user("kim")
    deliver()
    refuse(target, "kim is under legal hold")
    store.delete_user(kim.entity_id)
    deliver()
    store.change(
        Action.CREATE, EntityType.USER, entity_id=kim.entity_id, user=UserData(name="kim")
    )
    deliver()

    assert operations.retry(Job.objects.all(), actor="ops") == 0
    deliver()
    assert names(target) == ["kim"]
