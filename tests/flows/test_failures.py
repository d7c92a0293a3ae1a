"""What a target answers decides what happens next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from idp.connector_settings import save_settings
from idp.models import OutboundConnector
from provisioning import operations, worker
from provisioning.models import Attempt, ConnectorHealth, Job, State
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]


def test_a_server_error_is_tried_again(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.fail_next(503)
    store.add_user("kim")
    deliver()
    job = Job.objects.get()
    assert (job.state, job.attempts) == (State.PENDING, 1)
    assert "503" in job.reason

    later()
    deliver()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.DONE, 2)
    assert job.reason == ""


def test_retry_after_holds_the_whole_connector_back(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.fail_next(429, headers={"Retry-After": "120"})
    store.add_user("kim")
    deliver()
    store.add_user("lee")
    deliver()

    paused = ConnectorHealth.objects.get().paused_until
    assert paused is not None
    assert timedelta(seconds=100) < paused - timezone.now() <= timedelta(seconds=120)
    assert len(target.log) == 1

    later()
    deliver()
    assert sorted(user["userName"] for user in target.users.values()) == ["kim", "lee"]


@pytest.mark.parametrize(
    ("status", "headers"), [(429, {"Retry-After": "120"}), (401, {}), (403, {})]
)
def test_nothing_more_goes_to_a_target_that_does_not_want_it(
    target: Scim2Target, store: Store, later: Step, status: int, headers: dict[str, str]
) -> None:
    """What was leased together with the one that was refused goes back as it was."""
    target.fail_next(status, headers=headers)
    for number in range(9):
        store.add_user(f"user-{number}")
    worker.run(once=True, threads=1)

    assert len(target.log) == 1
    jobs = Job.objects.order_by("position").values_list("state", "attempts", "lease_token")
    assert list(jobs) == [(State.PENDING, 1, None), *[(State.PENDING, 0, None)] * 8]

    later()
    worker.run(once=True, threads=1)
    later()
    worker.run(once=True, threads=1)
    assert len(target.users) == 9


def test_a_refused_entity_fails_alone_and_can_be_retried(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    target.fail_next(400, document={"detail": "title is too long"})
    store.add_user("kim", document={"title": "x" * 50})
    store.add_user("lee")
    deliver()

    # Two are sent at a time, so either may meet the refusal.
    failed = Job.objects.get(state=State.FAILED)
    assert "title is too long" in failed.reason
    [there] = target.users.values()
    assert {failed.entity_name, there["userName"]} == {"kim", "lee"}

    assert operations.retry(Job.objects.all(), actor="ops") == 1
    deliver()
    assert len(target.users) == 2


def test_a_retry_never_undoes_something_newer(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    kim = store.add_user("kim", document={"title": "first"})
    deliver()
    target.fail_next(400)
    store.set_user(kim.entity_id, "kim", document={"title": "second"})
    deliver()
    store.set_user(kim.entity_id, "kim", document={"title": "third"})
    deliver()

    assert operations.retry(Job.objects.all(), actor="ops") == 0
    deliver()
    [there] = target.users.values()
    assert there["title"] == "third"


def test_a_retry_never_makes_an_account_for_somebody_deleted(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    target.fail_next(400)
    kim = store.add_user("kim")
    deliver()
    store.delete_user(kim.entity_id)

    assert operations.retry(Job.objects.all(), actor="ops") == 0
    deliver()
    assert target.users == {}
    assert Job.objects.get().state == State.CANCELLED


def test_broken_credentials_trip_once_and_heal_when_they_are_mended(
    target: Scim2Target, connector: OutboundConnector, store: Store, deliver: Step
) -> None:
    target.password = "rotated"
    for name in ("kim", "lee", "max", "pat"):
        store.add_user(name)
    deliver()

    health = ConnectorHealth.objects.get()
    assert health.quarantined_at is not None
    assert Job.objects.filter(state=State.PENDING).count() == 4
    tried = len(target.log)
    assert tried <= 4
    deliver()
    assert len(target.log) == tried

    save_settings(connector, {**target.settings, "password": "rotated"})
    deliver()
    assert len(target.users) == 4
    health.refresh_from_db()
    assert health.quarantined_at is None


def test_a_password_is_kept_until_it_is_delivered_and_then_erased(
    target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.fail_next(500)
    kim = store.add_user("kim", password="tell-nobody-1")
    deliver()
    store.set_user(kim.entity_id, "kim", document={"title": "Lead"})
    assert Job.objects.filter(sealed_password__isnull=False).count() == 1
    later()
    deliver()

    assert target.passwords == {next(iter(target.users)): "tell-nobody-1"}
    assert not Job.objects.filter(sealed_password__isnull=False).exists()
    assert "tell-nobody-1" not in str(list(Attempt.objects.values_list("exchanges", flat=True)))


def test_a_job_older_than_its_budget_is_given_up(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    target.fail_next(500)
    store.add_user("kim")
    Job.objects.update(give_up_at=timezone.now())
    deliver()

    job = Job.objects.get()
    assert (job.state, job.reason_code) == (State.FAILED, "gave_up")


def test_a_paused_connector_queues(
    target: Scim2Target, connector: OutboundConnector, store: Store, deliver: Step
) -> None:
    OutboundConnector.objects.update(mode="paused")
    store.add_user("kim")
    deliver()
    assert target.log == []

    OutboundConnector.objects.update(mode="active")
    deliver()
    assert len(target.users) == 1
