"""Five thousand people wait, and the target does not know the password any more."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from idp.models import OutboundConnector
from provisioning.models import Cause, ConnectorHealth, Job, Notification, State
from provisioning.worker import Worker
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.test_budgets import wait_in_line

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, CONCURRENCY = 5_000, 3
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def until_probe() -> float:
    """Seconds until the target is asked again."""
    probe_at = ConnectorHealth.objects.get().probe_at
    assert probe_at is not None
    seconds = (probe_at - timezone.now()).total_seconds()
    assert 25 <= seconds <= 300
    return seconds


def test_it_is_asked_a_few_times_then_now_and_then_and_everybody_gets_there_in_the_end(
    row: OutboundTarget,
    connector: OutboundConnector,
    resident: ServiceProvider,
    target: Scim2Target,
) -> None:
    OutboundConnector.objects.update(concurrency=CONCURRENCY)
    with time_machine.travel(START, tick=False) as clock:
        wait_in_line(resident, PEOPLE)
        known, target.password = target.password, "another"

        def came(seconds: float, workers: int = 2) -> int:
            clock.shift(seconds)
            before = len(target.log)
            for _ in range(workers):
                Worker(threading.Event(), 8).run(once=True)
            return len(target.log) - before

        assert 1 <= came(0) <= CONCURRENCY
        assert Job.objects.filter(state=State.PENDING).count() == PEOPLE
        for _ in range(2):
            assert came(until_probe() - 1) == 0
            assert came(2) == 1
        [told] = Notification.objects.filter(cause=Cause.QUARANTINE)
        assert told.resolved is None

        target.password = known  # nobody touches anything here
        target.log.clear()
        assert came(until_probe() - 1) == 0
        assert came(2) == PEOPLE

    assert len(target.users) == PEOPLE
    assert Job.objects.filter(state=State.DONE).count() == PEOPLE
    assert ConnectorHealth.objects.get().quarantined_at is None
    [told] = Notification.objects.filter(cause=Cause.QUARANTINE)
    assert told.resolved is not None
