"""Blocking targets are delivered before the door answers, or the answer says why not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.models import Membership, OutboundConnector, User
from provisioning import blocking
from provisioning.changes import Busy, Result, TargetRefused, outcome_header
from provisioning.models import ConnectorHealth, Job, State
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


@pytest.fixture
def waiting(resident: ServiceProvider, connector: OutboundConnector) -> OutboundTarget:
    return send_to(resident, connector, blocking=True)


@pytest.fixture
def refusing(resident: ServiceProvider, connector: OutboundConnector) -> OutboundTarget:
    return send_to(resident, connector, blocking=True, on_blocking_failure="refuse")


def test_the_account_is_there_when_the_door_answers(
    waiting: OutboundTarget, target: Scim2Target, store: Store
) -> None:
    kim = store.add_user("kim")

    assert [user["userName"] for user in target.users.values()] == ["kim"]
    assert outcome_header(kim.outcomes) == f"partner/scim2=done;job={Job.objects.get().pk}"


def test_a_failure_is_reported_and_the_job_stays(
    waiting: OutboundTarget, target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.fail_next(500)
    kim = store.add_user("kim")
    assert [outcome.result for outcome in kim.outcomes] == [Result.FAILED]
    assert User.objects.filter(username="kim").exists()

    later()
    deliver()
    assert len(target.users) == 1


def test_quarantine_and_retry_after_are_never_bypassed(
    waiting: OutboundTarget, target: Scim2Target, store: Store
) -> None:
    target.fail_next(429, headers={"Retry-After": "60"})
    store.add_user("kim")
    before = len(target.log)
    lee = store.add_user("lee")

    assert [outcome.result for outcome in lee.outcomes] == [Result.FAILED]
    assert len(target.log) == before
    assert ConnectorHealth.objects.get().paused_until is not None


def test_other_targets_start_after_the_blocking_outcome(
    waiting: OutboundTarget, resident: ServiceProvider, store: Store, deliver: Step
) -> None:
    with Scim2Target() as second:
        send_to(resident, make_connector(resident.tenant, second.settings, name="second"))
        store.add_user("kim")
        assert second.log == []
        deliver()
        assert len(second.users) == 1


def test_a_refused_create_leaves_nothing_behind(
    refusing: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    target.fail_next(400, document={"detail": "no licence left"})
    with pytest.raises(TargetRefused, match="no licence left"):
        store.add_user("kim")
    deliver()

    assert not User.objects.exists()
    assert target.users == {}


def test_a_refused_create_that_may_have_taken_effect_is_withdrawn(
    refusing: OutboundTarget, target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.drop_next(method="POST", processed=True)
    with pytest.raises(TargetRefused):
        store.add_user("kim")
    later()
    deliver()

    assert target.users == {}
    assert not Job.objects.filter(is_open=True).exists()


def test_a_refused_update_brings_back_what_was(
    refusing: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim", document={"title": "before"})
    target.fail_next(400)
    with pytest.raises(TargetRefused):
        store.set_user(kim.entity_id, "kim", document={"title": "after"})
    deliver()

    assert User.objects.get().document == {"title": "before"}
    assert [user["title"] for user in target.users.values()] == ["before"]


def test_a_refused_delete_restores_id_password_and_memberships(
    refusing: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim", password="a-long-secret-1")
    store.add_group("staff", members=[kim.entity_id])
    hashed = User.objects.get().password
    target.fail_next(400, method="DELETE")
    with pytest.raises(TargetRefused):
        store.delete_user(kim.entity_id)
    deliver()

    user = User.objects.get()
    assert (user.pk, user.password) == (kim.entity_id, hashed)
    assert Membership.objects.filter(user=user, group__name="staff").exists()
    assert len(target.users) == 1
    assert target.member_names("staff") == ["kim"]


def test_half_the_requests_stay_free(
    waiting: OutboundTarget, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = 0
    while blocking._slots.acquire(blocking=False):
        taken += 1
    try:
        with pytest.raises(Busy):
            store.add_user("kim")
    finally:
        for _ in range(taken):
            blocking._slots.release()
    assert taken == 8
    assert not User.objects.exists()


def test_held_is_not_a_failure(
    refusing: OutboundTarget, connector: OutboundConnector, target: Scim2Target, store: Store
) -> None:
    OutboundConnector.objects.update(on_conflict="hold")
    target.add_user("kim")
    kim = store.add_user("kim")

    assert [outcome.result for outcome in kim.outcomes] == [Result.HELD]
    assert Job.objects.get().state == State.HELD
