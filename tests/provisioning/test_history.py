"""History as files: everything, in order, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from idp.models import OutboundConnector, Tenant, first_id
from provisioning import history
from provisioning.configuration import apply
from provisioning.models import AuditEvent, Job
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.scim2 import Scim2Target
from tests.provisioning.chain.conftest import told
from tests.provisioning.configuration.files import in_tenant, tree
from tests.provisioning.management.running import run

NAMES = ("kim", "=cmd()", "lee")


@pytest.fixture
def connector(tenant: Tenant, resident: ServiceProvider) -> OutboundConnector:
    """With three people delivered, one of them named like a formula."""
    with Scim2Target() as target:
        connector = make_connector(tenant, target.settings)
        send_to(resident, connector)
        users = ", ".join(f'{{username: "{name}"}}' for name in NAMES)
        apply(tree(in_tenant(f"users: [{users}]")), actor="t")
        run("worker", "--once")
    return connector


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_jobs_and_attempts_as_json_lines(connector: OutboundConnector) -> None:
    jobs = [json.loads(line) for line in run("export_history", "jobs").out.splitlines()]
    attempts = [json.loads(line) for line in run("export_history", "attempts").out.splitlines()]

    assert [job["entity_name"] for job in jobs] == list(NAMES)
    assert {job["connector"] for job in jobs} == {"scim2"}
    assert {one["job_id"] for one in attempts} == {job["id"] for job in jobs}
    assert all(one["exchanges"][0]["status"] == HTTPStatus.CREATED for one in attempts)


def test_a_cell_is_never_a_formula(connector: OutboundConnector) -> None:
    told = rows(run("export_history", "jobs", "--format", "csv").out)

    assert [row["entity_name"] for row in told] == ["kim", "'=cmd()", "lee"]


def test_the_trail_of_a_time_with_its_seals(tenant: Tenant) -> None:
    noon = timezone.now().replace(microsecond=0)
    events = told(tenant, "before", "in", "after")
    for event, hours in zip(events, (-2, 0, 2), strict=True):
        old = event.pk
        event.pk = first_id(noon + timedelta(hours=hours))
        event.save(force_insert=True)
        AuditEvent.objects.filter(pk=old).delete()

    since, until = (noon + timedelta(hours=hours) for hours in (-1, 2))
    ended = run(
        *("export_history", "audit", "--since", since.isoformat()),
        *("--until", until.isoformat()),
    )

    assert [json.loads(line)["subject_name"] for line in ended.out.splitlines()] == ["in"]


@pytest.mark.parametrize("wrong", ["yesterday", "2026-13-01", "0001-01-01"])
def test_a_time_that_is_none_is_refused(tenant: Tenant, wrong: str) -> None:
    ended = run("export_history", "audit", "--since", wrong)

    assert (ended.code, ended.out) == (2, "")
    assert wrong in ended.err


def test_another_tenants_history_is_not_in_it(
    connector: OutboundConnector, other_tenant: Tenant
) -> None:
    for kind in history.KINDS:
        assert run("export_history", kind, "--tenant", other_tenant.domain).out == ""


def test_a_list_is_had_as_a_file_as_it_is_filtered(
    connector: OutboundConnector, client: Client
) -> None:
    client.force_login(make_operator(connector.provider.tenant, "vera", role="viewer"))
    Job.objects.filter(entity_name="lee").update(state="failed")

    page = client.get("/admin/provisioning/job/?state=failed")
    answer = client.get("/admin/provisioning/job/export/csv/?state=failed")

    assert b"export/ndjson/?state=failed" in page.content
    assert answer["Content-Disposition"].startswith('attachment; filename="jobs-carbon.super-')
    told = rows(b"".join(answer).decode())  # type: ignore[arg-type]
    assert [row["entity_name"] for row in told] == ["lee"]


def test_a_file_is_for_those_who_may_see_the_list(client: Client, tenant: Tenant) -> None:
    answer = client.get("/admin/provisioning/auditevent/export/csv/")

    assert answer.status_code == HTTPStatus.FOUND
    assert "/login/" in answer["Location"]
