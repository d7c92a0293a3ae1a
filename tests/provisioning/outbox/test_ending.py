"""Jobs that end without an attempt, also when a worker has just had one of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from idp.models import OutboundConnector, Tenant, User
from provisioning import gates, housekeeping, subjects
from provisioning.models import Cause, Event, Job, Notification, ProvisionedEntity, State
from provisioning.outbox import claiming, ending, enqueuing, withholding
from provisioning.outbox.orders import Order
from provisioning.places import places_of
from provisioning.planning import Kind, Verdict
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, connector, deliver, later, row, store, target

__all__ = ["connector", "deliver", "later", "row", "store", "target"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]
DENIED = gates.Gate(gates.RULE, False, "a rule says no")


@pytest.fixture(autouse=True)
def _somebody_waits(tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(event_types=["*"])


Decided = tuple[Subject, Verdict]


def decided(connector: OutboundConnector, row: OutboundTarget, kind: Kind) -> Decided:
    """What was decided about kim, by what was known at that moment."""
    subject = subjects.of_user(User.objects.get(username="kim"))
    place = places_of(subject)[connector.pk]
    why = (DENIED,) if kind is Kind.SKIP else ()
    payload = place.open_jobs[0].payload
    return subject, Verdict(connector, row, kind, "", why, "kim", payload, place)


def told() -> list[str]:
    return list(Event.objects.filter(type__startswith="job.").values_list("type", flat=True))


def test_what_a_worker_has_sent_meanwhile_fails_and_is_told_to_operators(
    target: Scim2Target,
    connector: OutboundConnector,
    row: OutboundTarget,
    store: Store,
    deliver: Step,
) -> None:
    store.add_user("kim")
    subject, verdict = decided(connector, row, Kind.SKIP)
    target.drop_next(method="POST", processed=True)
    deliver()

    with transaction.atomic():
        withholding.remember([(subject, [verdict])])

    job = Job.objects.get()
    assert (job.state, job.maybe_sent) == (State.FAILED, True)
    assert told() == ["job.failed"]
    notification = Notification.objects.get(cause=Cause.DEAD_LETTERS)
    assert notification.data["signature"] == job.signature
    housekeeping.watch()
    notification.refresh_from_db()
    assert (notification.count, notification.resolved) == (1, None)


def test_what_a_worker_has_taken_meanwhile_is_not_told_to_be_cancelled(
    connector: OutboundConnector, row: OutboundTarget, store: Store
) -> None:
    store.add_user("kim")
    subject, verdict = decided(connector, row, Kind.SKIP)
    claiming.claim(connector, 10)

    with transaction.atomic():
        withholding.remember([(subject, [verdict])])

    assert Job.objects.get().state == State.RUNNING
    assert told() == []


def test_a_delete_follows_a_create_that_was_sent_meanwhile(
    target: Scim2Target,
    connector: OutboundConnector,
    row: OutboundTarget,
    store: Store,
    deliver: Step,
    later: Step,
) -> None:
    store.add_user("kim")
    subject, verdict = decided(connector, row, Kind.DELETE)
    target.drop_next(method="POST", processed=True)
    deliver()
    assert len(target.users) == 1

    with transaction.atomic():
        enqueuing.enqueue(Order(subject, verdict, change_id=uuid.uuid4(), door="console"))
    User.objects.all().delete()
    later()
    deliver()

    assert target.users == {}


def test_a_change_after_a_create_that_was_sent_meanwhile_takes_the_account_for_ours(
    target: Scim2Target,
    connector: OutboundConnector,
    row: OutboundTarget,
    store: Store,
    deliver: Step,
    later: Step,
) -> None:
    OutboundConnector.objects.update(on_conflict="hold")
    store.add_user("kim")
    subject, verdict = decided(connector, row, Kind.CREATE)
    target.drop_next(method="POST", processed=True)
    deliver()

    with transaction.atomic():
        enqueuing.enqueue(Order(subject, verdict, change_id=uuid.uuid4(), door="console"))
    later()
    deliver()

    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}
    assert not ProvisionedEntity.objects.get().adopted


def test_whoever_waits_for_nothing_is_asked_for_nothing(tenant: Tenant, store: Store) -> None:
    store.add_user("kim")
    over = (State.CANCELLED, "deleted", "gone")

    tenant.event_types = ["job.done"]
    with transaction.atomic(), CaptureQueriesContext(database) as queries:
        ending.end(tenant, Job.objects.all(), *over, finished=timezone.now())

    assert len(queries) == 1
    assert told() == []
