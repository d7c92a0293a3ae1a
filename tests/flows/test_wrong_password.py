"""Five thousand people wait, and the target does not know the password any more."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
import time_machine

from idp.models import OutboundConnector
from provisioning.models import Cause, ConnectorHealth, Job, Notification, State
from provisioning.worker import Worker
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.test_budgets import wait_in_line

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, CONCURRENCY = 5_000, 3
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


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
        assert [came(10), came(10), came(9)] == [0, 0, 0]
        assert came(2) == 1
        assert [came(30), came(29)] == [0, 0]
        assert came(2) == 1
        [told] = Notification.objects.filter(cause=Cause.QUARANTINE)
        assert told.resolved is None

        target.password = known  # nobody touches anything here
        target.log.clear()
        assert came(60) == 0
        assert came(70) == PEOPLE

    assert len(target.users) == PEOPLE
    assert Job.objects.filter(state=State.DONE).count() == PEOPLE
    assert ConnectorHealth.objects.get().quarantined_at is None
    [told] = Notification.objects.filter(cause=Cause.QUARANTINE)
    assert told.resolved is not None
