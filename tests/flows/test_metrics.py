"""What Prometheus is told of a change on its way."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from idp.models import OutboundConnector, Tenant
from provisioning import pruning
from provisioning.models import Job, State
from tests.factories import make_operator
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.provisioning.inbound.calls import basic

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]

EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
PARTNER = {"tenant": "carbon.super", "identity_provider": "partner", "connector": "scim2"}
Step = Callable[[], None]


class Told:
    def __init__(self, client: Client, **headers: Any) -> None:
        answer = client.get("/metrics", **headers)
        assert answer.status_code == 200, answer.content
        self.text = answer.content.decode()
        self.families = list(text_string_to_metric_families(self.text))

    def __call__(self, name: str, **labels: str) -> float:
        """The sum of what has these labels."""
        return sum(
            sample.value
            for family in self.families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


def test_a_change_can_be_followed_from_the_queue_to_the_target(
    client: Client, store: Store, target: Scim2Target, deliver: Step
) -> None:
    store.add_user("kim")
    told = Told(client)
    assert told("purveyor_jobs", **PARTNER, state="pending") == 1
    assert 0 < told("purveyor_oldest_waiting_seconds", **PARTNER) < 60
    assert told("purveyor_connector_state", **PARTNER, state="active") == 1
    assert told("purveyor_connector_state", **PARTNER) == 1
    assert told("purveyor_entities", type="users") == 1

    deliver()

    told = Told(client)
    assert told("purveyor_jobs", **PARTNER) == 0
    assert told("purveyor_oldest_waiting_seconds") == 0
    assert told("purveyor_delivery_attempts_total", **PARTNER, outcome="done") == 1
    assert told("purveyor_jobs_settled_total", **PARTNER, state="done") == 1
    assert told("purveyor_delivery_request_duration_seconds_count", **PARTNER) == 1
    assert told("purveyor_delivery_request_duration_seconds_bucket", **PARTNER, le="+Inf") == 1
    assert 0 < told("purveyor_delivery_delay_seconds_sum", **PARTNER) < 60
    assert told("purveyor_connector_last_success_timestamp_seconds", **PARTNER) > 1e9
    assert told("purveyor_database_up") == 1


def test_budgets_are_told_where_there_are_any(
    client: Client, store: Store, target: Scim2Target, deliver: Step
) -> None:
    for number in range(11):
        store.add_user(f"person-{number}")
    assert "purveyor_budget_requests_per_second{" not in Told(client).text

    OutboundConnector.objects.update(requests_per_second=0.5, burst=1, daily_quota=100)

    told = Told(client)
    assert told("purveyor_budget_requests_per_second", **PARTNER) == 0.5
    assert told("purveyor_budget_left_today", **PARTNER) == 100
    assert told("purveyor_queue_eta_seconds", **PARTNER) == 20
    assert told("purveyor_connector_paused_seconds", **PARTNER) == 0
    assert told("purveyor_oldest_due_seconds", **PARTNER) > 0

    deliver()  # one of them, and the rest waits for its turn
    assert len(target.users) == 1
    assert Told(client)("purveyor_oldest_due_seconds", **PARTNER) == 0


def test_what_goes_wrong_is_counted_by_what_it_was(
    client: Client, store: Store, target: Scim2Target, deliver: Step
) -> None:
    target.fail_next(400)
    store.add_user("kim")
    deliver()
    target.fail_next(503)
    store.add_user("lee")
    deliver()

    told = Told(client)
    assert told("purveyor_delivery_attempts_total", **PARTNER, outcome="retry") == 1
    assert told("purveyor_delivery_attempts_total", **PARTNER, outcome="job_wrong") == 1
    assert told("purveyor_jobs_settled_total", **PARTNER) == 1
    assert told("purveyor_jobs", **PARTNER, state="failed") == 1


def test_a_job_that_waits_for_another_is_not_late(client: Client, store: Store) -> None:
    kim = store.add_user("kim")
    Job.objects.update(state=State.RUNNING, lease_until="2126-01-01T00:00Z")
    store.set_user(kim.entity_id, "kim", document={"title": "Boss"})
    Job.objects.update(not_before="2026-01-01T00:00Z")
    assert Job.objects.filter(state=State.PENDING).count() == 1
    assert Told(client)("purveyor_oldest_due_seconds") == 0

    store.add_user("lee")
    Job.objects.filter(entity_name="lee").update(not_before="2026-01-01T00:00Z")
    assert Told(client)("purveyor_oldest_due_seconds") > 3600


def test_counts_outlive_the_jobs(
    client: Client, store: Store, target: Scim2Target, deliver: Step
) -> None:
    for name in ("kim", "lee"):
        store.add_user(name)
        deliver()
    list(pruning.prune(days=-1))

    assert not Job.objects.exists()
    assert Told(client)("purveyor_jobs_settled_total", **PARTNER, state="done") == 2


def test_requests_are_counted_by_door(client: Client, tenant: Tenant) -> None:
    labels = {"door": "scim2", "method": "GET"}
    before = Told(client)
    make_operator(tenant, "caller")
    client.get("/scim2/Users", headers=basic("caller", "letmein-123"))
    client.get("/t/carbon.super/scim2/Users/nobody")
    client.get("/wp-login.php?x=1")
    told = Told(client)

    counted = "purveyor_door_request_duration_seconds_count"
    for status, more in (("2xx", 1), ("4xx", 1)):
        assert told(counted, **labels, status=status) == more + before(
            counted, **labels, status=status
        )
    assert told(counted, door="other") > before(counted, door="other")
    assert "wp-login" not in told.text


def test_finished_jobs_are_never_read(client: Client, store: Store) -> None:
    store.add_user("kim")
    plans: list[tuple[str, str]] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if 'FROM "provisioning_job"' in sql and not sql.startswith("EXPLAIN"):
            with connection.cursor() as cursor:
                cursor.execute(f"{EXPLAIN[connection.vendor]} {sql}", params)
                plans.append((sql, "\n".join(str(line) for line in cursor.fetchall())))
        return execute(sql, params, many, context)

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
    with connection.execute_wrapper(explain):
        Told(client)

    assert len(plans) == 7
    for sql, plan in plans:
        assert re.search(r"INDEX job_|using job_", plan, re.IGNORECASE), (sql, plan)


def test_the_guide_names_every_metric_there_is(client: Client) -> None:
    exposed = {
        name
        for name in re.findall(r"^# TYPE (purveyor_\w+) ", Told(client).text, re.MULTILINE)
        if not name.endswith("_created")
    }
    guide = (Path(__file__).parents[2] / "docs/operate/monitor.md").read_text()
    told = set(re.findall(r"^\| `(purveyor_\w+)` \|", guide, re.MULTILINE))

    assert told == exposed
