"""A request whose answer was lost may have taken effect: look first, never repeat blindly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from idp.models import OutboundConnector
from provisioning import operations, traces
from provisioning.models import Attempt, Job, Outcome, ProvisionedEntity, State
from provisioning.outbox import claiming
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]


def creates(target: Scim2Target) -> int:
    return len(target.requests("POST", "/Users"))


def test_a_create_whose_answer_was_lost_is_found_and_not_repeated(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.drop_next(method="POST", processed=True)
    store.add_user("kim", document={"title": "Lead"}, password="a-new-secret-1")
    deliver()
    job = Job.objects.get()
    assert (job.state, job.maybe_sent) == (State.PENDING, True)

    later()
    deliver()

    job.refresh_from_db()
    assert job.state == State.DONE
    assert creates(target) == 1
    assert Attempt.objects.filter(outcome=Outcome.CONFIRMED).exists()
    assert not ProvisionedEntity.objects.get().adopted
    [kim] = target.users.values()
    assert kim["title"] == "Lead"
    assert job.sealed_password is None


def test_a_worker_that_died_after_the_create_leaves_no_second_account(
    target: Scim2Target, connector: OutboundConnector, store: Store, deliver: Step, later: Step
) -> None:
    store.add_user("kim")
    claimed = claiming.claim(connector, 10)
    assert len(claimed.jobs) == 1
    target.add_user("kim")

    later()
    deliver()

    assert Job.objects.get().state == State.DONE
    assert creates(target) == 0
    assert len(target.users) == 1


def test_a_delete_after_a_lost_create_finds_the_account(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.drop_next(method="POST", processed=True)
    kim = store.add_user("kim")
    deliver()
    store.delete_user(kim.entity_id)
    later()
    deliver()

    assert target.users == {}
    assert Job.objects.order_by("position").last().state == State.DONE  # type: ignore[union-attr]


def test_a_rename_after_a_lost_create_finds_the_account_under_its_old_name(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.drop_next(method="POST", processed=True)
    kim = store.add_user("kim")
    deliver()
    store.set_user(kim.entity_id, "kim.lee")
    later()
    deliver()

    assert [user["userName"] for user in target.users.values()] == ["kim.lee"]
    assert creates(target) == 1


def test_after_a_lost_create_a_stranger_of_the_new_name_is_not_ours(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.drop_next(method="POST", processed=False)
    kim = store.add_user("kim", password="only-for-kim-1")
    deliver()
    stranger = target.add_user("lee", title="somebody else")
    OutboundConnector.objects.update(on_conflict="hold")
    store.set_user(kim.entity_id, "lee")
    later()
    deliver()

    assert Job.objects.get(state=State.HELD).reason_code == "conflict"
    assert target.users[stranger["id"]]["title"] == "somebody else"
    assert target.passwords == {}


def test_a_newcomer_never_gets_an_account_somebody_may_have_made(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.drop_next(method="POST", processed=True)
    old = store.add_user("kim", document={"title": "old"})
    deliver()
    store.set_user(old.entity_id, "max", document={"title": "old"})
    store.add_user("kim", document={"title": "new"})
    deliver()
    later()
    deliver()

    titles = {user["userName"]: user["title"] for user in target.users.values()}
    assert titles == {"max": "old", "kim": "new"}


def test_not_even_when_the_other_one_failed(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.drop_next(method="POST", processed=True)
    old = store.add_user("kim", document={"title": "old"})
    deliver()
    later()
    target.fail_next(400, method="PATCH")
    store.set_user(old.entity_id, "max", document={"title": "old"})
    deliver()
    store.add_user("kim", document={"title": "new"})
    deliver()
    assert Job.objects.get(state=State.HELD).reason_code == "maybe_anothers"

    operations.retry(Job.objects.all(), actor="ops")
    deliver()
    operations.release(Job.objects.all(), actor="ops")
    deliver()
    titles = {user["userName"]: user["title"] for user in target.users.values()}
    assert titles == {"max": "old", "kim": "new"}


def test_what_a_lost_update_put_there_is_taken_away_again(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    kim = store.add_user("kim", document={"title": "Lead"})
    deliver()
    target.drop_next(method="PATCH", processed=True)
    store.set_user(kim.entity_id, "kim", document={"title": "Lead", "nickName": "kimmy"})
    deliver()
    store.set_user(kim.entity_id, "kim", document={"title": "Lead"})
    later()
    deliver()

    [there] = target.users.values()
    assert "nickName" not in there


def test_a_delete_whose_answer_was_lost_is_done_when_the_account_is_gone(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    kim = store.add_user("kim")
    deliver()
    target.drop_next(method="DELETE", processed=True)
    store.delete_user(kim.entity_id)
    deliver()
    later()
    deliver()

    assert target.users == {}
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}
    assert not ProvisionedEntity.objects.exists()


@pytest.mark.parametrize("action", ["delete", "disable"])
def test_a_removal_that_fails_for_want_of_the_account_is_done(
    target: Scim2Target, store: Store, deliver: Step, later: Step, action: str
) -> None:
    """Some servers answer 500 where 404 would have been the word."""
    OutboundConnector.objects.update(delete_action=action)
    kim = store.add_user("kim").entity_id
    deliver()
    target.users.clear()
    target.fail_next(500, times=9, method="DELETE" if action == "delete" else "PATCH")

    store.delete_user(kim)
    deliver()
    assert Job.objects.get(operation="delete").state == State.PENDING
    later()
    deliver()

    assert Job.objects.get(operation="delete").state == State.DONE
    assert not ProvisionedEntity.objects.exists()


def test_a_slow_worker_cannot_overwrite_its_successor(
    target: Scim2Target, connector: OutboundConnector, store: Store, deliver: Step, later: Step
) -> None:
    from provisioning.delivery import inline

    store.add_user("kim")
    slow = claiming.claim(connector, 10)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    target.fail_next(422, document={"detail": "the slow one must not count"})
    successor = claiming.claim(connector, 10)

    settled = inline.deliver(connector, slow.jobs, 5)

    assert settled == []
    job = Job.objects.get()
    assert (job.state, job.lease_token) == (State.RUNNING, successor.token)


def test_an_account_deleted_at_the_target_is_made_again(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim")
    deliver()
    target.users.clear()
    store.set_user(kim.entity_id, "kim", document={"title": "Lead"})
    deliver()

    [there] = target.users.values()
    assert there["title"] == "Lead"
    assert ProvisionedEntity.objects.get().remote_id == there["id"]


def test_a_delete_accepted_while_a_lost_create_is_given_up_looks_for_the_account(
    target: Scim2Target, connector: OutboundConnector, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim")
    (create,) = claiming.claim(connector, 10).jobs
    store.delete_user(kim.entity_id)
    target.add_user("kim")
    # As the worker writes it who has not seen the delete, nor was seen by it.
    create.payload = traces.with_own(create)
    create.state, create.maybe_sent = State.FAILED, True
    create.lease_token = create.lease_until = None
    create.save()

    deliver()

    assert target.users == {}
