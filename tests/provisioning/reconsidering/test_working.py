"""People are planned again together: what it costs does not grow with how many they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors import EntityType
from idp.models import OutboundConnector
from provisioning import reconsidering
from provisioning.changes import Action, Change, Door, UserData
from provisioning.intake import accept_all
from provisioning.models import AuditEvent, HeldBack, Job, Operation, Reconsideration
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import make_connector, send_to
from tests.flows.policies import DENY_OTHERS, policy, rule
from tests.provisioning.policies.publishing import publish

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = policy("r", DENY_OTHERS)
EVERYBODY = policy("r", rule("all", "Permit"))


@pytest.fixture
def connector(resident: ServiceProvider) -> OutboundConnector:
    settings = {"user_endpoint": "http://127.0.0.1:9/Users", "authentication": "none"}
    connector = make_connector(resident.tenant, settings)
    send_to(resident, connector, enable_rules=True)
    return connector


def add(resident: ServiceProvider, prefix: str, count: int) -> None:
    changes = [
        Change(
            tenant=resident.tenant,
            service_provider=resident,
            door=Door.IMPORT,
            actor="ops",
            action=Action.CREATE,
            entity_type=EntityType.USER,
            user=UserData(name=f"{prefix}-{n}"),
        )
        for n in range(count)
    ]
    assert len(list(accept_all(changes))) == count


def queries_of(step: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        while step():
            pass
    return len(captured)


@pytest.mark.usefixtures("connector")
def test_many_are_let_go_for_the_price_of_a_few(resident: ServiceProvider) -> None:
    costs = []
    for count in (3, 150):
        publish(resident.tenant, NOBODY)
        reconsidering.follow_policies()
        while reconsidering.work():
            pass
        add(resident, f"of-{count}", count)
        publish(resident.tenant, EVERYBODY)
        reconsidering.follow_policies()
        costs.append(queries_of(reconsidering.work))

    assert Job.objects.filter(operation=Operation.CREATE).count() == 153
    assert AuditEvent.objects.filter(action="user.entitlement").count() == 153
    assert not HeldBack.objects.exists()
    assert not Reconsideration.objects.exists()
    assert costs[1] <= costs[0] + 2


def test_more_than_one_batch_is_taken_on_until_it_is_over(
    resident: ServiceProvider, connector: OutboundConnector
) -> None:
    publish(resident.tenant, NOBODY)
    add(resident, "person", 450)
    OutboundTarget.objects.update(enable_rules=False)
    reconsidering.follow_rules([connector], "rules on or off", actor="ops")
    while reconsidering.work():
        pass

    jobs = Job.objects.filter(connector=connector, operation=Operation.CREATE)
    assert jobs.values("entity_id").distinct().count() == jobs.count() == 450
    positions = list(jobs.order_by("entity_id").values_list("position", flat=True))
    assert len(set(positions)) == 450
