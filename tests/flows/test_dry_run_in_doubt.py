"""Dry run where something is in the way, or in doubt: what it says, and what comes then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from idp.models import Mode, OutboundConnector
from provisioning import operations, status
from provisioning.changes import Result
from provisioning.models import (
    REHEARSED,
    Attempt,
    ConnectorHealth,
    Job,
    Outcome,
    ProvisionedEntity,
    State,
)
from provisioning.outbox import claiming
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, names, results

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
NAMED = {
    "name": {"givenName": "Kim", "familyName": "Lee"},
    "emails": [{"value": "k@x.example"}],
}


def switch(mode: Mode) -> None:
    OutboundConnector.objects.update(mode=mode)


def wrote(target: Any) -> list[str]:
    """The requests that reached the target and could have changed something."""
    ours = [one for one in target.requests() if not one.path.endswith("/token")]
    return [one.method for one in ours if one.method != "GET"]


def recorded() -> list[dict[str, Any]]:
    """The requests of the last rehearsal that would have been sent."""
    exchanges: list[dict[str, Any]] = Attempt.objects.latest("id").exchanges
    return [one for one in exchanges if one.get("rehearsed")]


def test_it_says_whom_it_would_adopt_and_whom_it_would_hold(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    OutboundConnector.objects.update(mode=Mode.DRY_RUN, protected_names=["admin"])
    for name in ("kim", "admin"):
        target.add_user(name)
    for name in ("kim", "admin"):
        store.add_user(name, document={"title": "new"})
    deliver()

    said = dict(Job.objects.values_list("entity_name", "reason"))
    assert said["kim"].startswith("dry run: would adopt kim with PATCH ")
    assert said["admin"] == (
        "dry run: would be held for an operator: admin is a protected name at the target"
    )
    assert wrote(target) == []
    assert not ProvisionedEntity.objects.exists()

    switch(Mode.ACTIVE)
    deliver()

    assert ProvisionedEntity.objects.get().adopted
    held = Job.objects.get(state=State.HELD)
    assert (held.entity_name, held.reason_code) == ("admin", "protected_name")


def test_a_name_that_is_to_be_given_up_is_waited_for_in_words(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    first = store.add_user("kim").entity_id
    deliver()
    switch(Mode.DRY_RUN)
    store.delete_user(first)
    second = store.add_user("kim").entity_id
    deliver()

    assert status.is_idle()
    told = Job.objects.get(entity_id=second).reason
    assert told == "dry run: would go once kim has given up the name"

    switch(Mode.ACTIVE)
    deliver()

    assert names(target) == ["kim"]
    assert ProvisionedEntity.objects.get().entity_id == second


def test_the_guard_counts_what_really_goes(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    ids = [store.add_user(f"person-{n}").entity_id for n in range(10)]
    deliver()
    OutboundConnector.objects.update(mode=Mode.DRY_RUN, guard_max_count=3)
    for one in ids:
        store.delete_user(one)
    deliver()
    assert len(target.users) == 10
    assert Job.objects.filter(state=State.HELD, reason_code=REHEARSED).count() == 10

    switch(Mode.ACTIVE)
    deliver()

    assert len(target.users) == 7
    assert Job.objects.filter(state=State.HELD, reason_code="guard").count() == 7


def test_there_is_nothing_to_release_or_reject(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    switch(Mode.DRY_RUN)
    store.add_user("kim")
    deliver()

    assert operations.release(Job.objects.all(), actor="ops") == 0
    assert operations.reject(Job.objects.all(), actor="ops") == 0
    switch(Mode.ACTIVE)
    deliver()

    assert names(target) == ["kim"]


def test_pausing_afterwards_forgets_nobody(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    switch(Mode.DRY_RUN)
    store.add_user("kim")
    deliver()
    switch(Mode.PAUSED)
    deliver()
    assert wrote(target) == []
    switch(Mode.ACTIVE)
    deliver()

    assert names(target) == ["kim"]


def test_a_connector_loaded_before_the_switch_takes_nothing(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    store.add_user("kim")
    stale = OutboundConnector.objects.select_related("provider__tenant").get()
    switch(Mode.DRY_RUN)

    assert claiming.claim(stale, 10).jobs == ()


def test_a_worker_that_died_while_rehearsing_has_sent_nothing(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    switch(Mode.DRY_RUN)
    store.add_user("kim")
    connector = OutboundConnector.objects.select_related("provider__tenant").get()
    assert len(claiming.claim(connector, 1).jobs) == 1
    later()
    target.add_user("kim")
    OutboundConnector.objects.update(mode=Mode.ACTIVE, on_conflict="hold")
    deliver()

    job = Job.objects.get()
    assert (job.state, job.reason_code, job.maybe_sent) == (State.HELD, "conflict", False)


def test_a_request_of_before_whose_answer_was_lost_stays_in_doubt(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    target.drop_next(method="POST", processed=True)
    store.add_user("kim")
    deliver()
    switch(Mode.DRY_RUN)
    later()
    deliver()
    job = Job.objects.get()
    assert (job.reason_code, job.maybe_sent) == (REHEARSED, True)

    switch(Mode.ACTIVE)
    deliver()

    assert Attempt.objects.latest("id").outcome == Outcome.CONFIRMED
    assert names(target) == ["kim"]


def test_a_blocking_target_answers_that_it_is_a_rehearsal(
    resident: ServiceProvider, connector: OutboundConnector, target: Scim2Target, store: Store
) -> None:
    send_to(resident, connector, blocking=True, on_blocking_failure="refuse")
    switch(Mode.DRY_RUN)

    accepted = store.add_user("kim")

    assert results(accepted) == {"partner/scim2": Result.HELD}
    assert accepted.outcomes[0].reason.startswith("dry run: would create kim")
    assert wrote(target) == []


def test_wrong_credentials_show_in_a_dry_run_and_heal_in_it(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step, later: Step
) -> None:
    connector = row.connector
    right = connector.settings
    connector.settings, connector.mode = {**right, "password": "wrong"}, Mode.DRY_RUN
    connector.revision += 1
    connector.save()
    store.add_user("kim")
    deliver()
    assert ConnectorHealth.objects.get().quarantined_at is not None

    connector.settings = right
    connector.revision += 1
    connector.save()
    later()
    deliver()

    health = ConnectorHealth.objects.get()
    assert (health.quarantined_at, health.last_success) == (None, None)
    assert Job.objects.get().reason_code == REHEARSED
