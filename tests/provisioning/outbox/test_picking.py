"""What the search for due jobs reads, whatever the database knows about its tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors import EntityType
from idp.models import OutboundConnector
from provisioning.changes import Action, Change, Door, UserData
from provisioning.intake import accept_all
from provisioning.models import Job
from provisioning.outbox import claiming, orders, picking
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)

WAITING, WANTED = 1_500, 20


@pytest.fixture
def connector(resident: ServiceProvider) -> Iterator[OutboundConnector]:
    with Scim2Target() as target:
        connector = make_connector(resident.tenant, target.settings)
        send_to(resident, connector)
        yield connector


def test_no_job_is_compared_with_all_that_wait(
    resident: ServiceProvider, connector: OutboundConnector
) -> None:
    """Right after an import PostgreSQL has no statistics, and takes all tables for small."""
    accept_all([new_user(resident, f"user-{number}") for number in range(WAITING)])
    due = picking.due_jobs(connector, timezone.now())[:WANTED]

    if connection.vendor == "postgresql":
        plan = json.loads(due.explain(analyze=True, format="json"))
        assert sum(rows_in_vain(plan)) < 10 * WANTED
    else:
        lines = due.explain().splitlines()
        searches = [
            line for line in lines if "provisioning_job" in line or " u0 " in line.lower()
        ]
        assert searches
        assert not [line for line in searches if "SCAN" in line]
        for index in ("job_open_entity", "job_open_name", "job_open_frees"):
            assert any(f"INDEX {index} (" in line and "=? AND" in line for line in searches)


def new_user(resident: ServiceProvider, name: str) -> Change:
    return Change(
        tenant=resident.tenant,
        service_provider=resident,
        door=Door.IMPORT,
        actor="ops",
        action=Action.CREATE,
        entity_type=EntityType.USER,
        user=UserData(name=name),
    )


def rows_in_vain(plan: Any) -> Iterator[int]:
    """Rows that were read and not used, in every step of the plan."""
    if isinstance(plan, list):
        for part in plan:
            yield from rows_in_vain(part)
    elif isinstance(plan, dict):
        for key, value in plan.items():
            if key in ("Rows Removed by Filter", "Rows Removed by Join Filter"):
                yield round(value * plan["Actual Loops"])
            yield from rows_in_vain(value)


def test_the_place_in_line_is_found_without_reading_all_that_wait(
    resident: ServiceProvider, connector: OutboundConnector
) -> None:
    list(accept_all([new_user(resident, f"user-{number}") for number in range(WAITING)]))
    jobs = list(Job.objects.order_by("position")[:WANTED])
    last = jobs[-1].position

    with CaptureQueriesContext(connection) as asked:
        orders.place_in_line(jobs)

    assert last < jobs[0].position < jobs[-1].position
    (question,) = [query["sql"] for query in asked if "asked.name" in query["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {question}")
            (plan,) = cursor.fetchone()
            assert sum(rows_read(json.loads(plan) if isinstance(plan, str) else plan)) <= (
                6 * WANTED
            )
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {question}")
            lines = [row[-1] for row in cursor.fetchall() if " job " in row[-1]]
            assert len(lines) == 2
            for line, index in zip(lines, ("job_open_name", "job_open_frees"), strict=True):
                assert f"INDEX {index} (" in line
                assert "=? AND" in line


def rows_read(plan: Any) -> Iterator[int]:
    """Rows of the table of jobs that the steps of the plan read."""
    if isinstance(plan, list):
        for part in plan:
            yield from rows_read(part)
    elif isinstance(plan, dict):
        if plan.get("Relation Name") == "provisioning_job":
            yield round(plan["Actual Rows"] * plan["Actual Loops"])
        for value in plan.values():
            yield from rows_read(value)


def test_a_claim_takes_as_many_as_it_is_asked_for_in_their_order(
    resident: ServiceProvider, connector: OutboundConnector
) -> None:
    store = Store(resident)
    names = [f"user-{number}" for number in range(7)]
    for name in names:
        store.add_user(name)

    claims = [claiming.claim(connector, limit) for limit in (2, 4, 4)]

    taken = [[job.entity_name for job in claim.jobs] for claim in claims]
    assert taken == [names[:2], names[2:6], names[6:]]
    assert len({claim.token for claim in claims}) == 3
