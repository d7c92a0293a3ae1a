"""A change can be followed through the log by its ids, and nobody's name is in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from idp.models import Tenant
from provisioning.models import Job
from tests.factories import make_operator
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.log_lines import Lines
from tests.provisioning.inbound.calls import basic

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]

Step = Callable[[], None]


@pytest.fixture
def post(client: Client, tenant: Tenant) -> Callable[[str], Any]:
    make_operator(tenant, "caller")

    def post_user(name: str) -> Any:
        body = {
            "userName": name,
            "name": {"familyName": "Kimberley"},
            "password": "s3cr3t-pw-1",
        }
        return client.post(
            "/scim2/Users?note=hidden-words",
            json.dumps(body),
            content_type="application/scim+json",
            headers={**basic("caller", "letmein-123"), "X-Request-ID": "request-4711"},
        )

    return post_user


def test_from_the_request_to_the_targets_answer(
    post: Callable[[str], Any],
    target: Scim2Target,
    deliver: Step,
    later: Step,
    lines: Lines,
) -> None:
    target.fail_next(503)
    post("kim.secretive")
    deliver()
    later()
    deliver()

    job = Job.objects.get()
    accepted, request, retried, delivered = lines.events
    about = {"request_id": "request-4711", "tenant": "carbon.super", "actor": "caller"}
    assert accepted | about == accepted
    assert accepted["event"] == "change accepted"
    assert accepted["job_ids"] == [str(job.pk)]
    assert accepted["change_id"] == str(job.change_id)
    assert (accepted["method"], accepted["path"]) == ("POST", "/scim2/Users")
    assert request | about == request
    assert (request["event"], request["status"]) == ("request", 201)
    assert request["change_id"] == str(job.change_id)
    for line, level, outcome, attempt in (
        (retried, "warning", "retry", 1),
        (delivered, "info", "done", 2),
    ):
        told = {
            "level": level,
            "job_id": str(job.pk),
            "change_id": str(job.change_id),
            "identity_provider": "partner",
            "connector": "scim2",
            "outcome": outcome,
            "attempt": attempt,
        }
        assert line | told == line
        assert line["duration_ms"] >= 0
    assert (retried["status"], retried["state"]) == (503, "pending")
    for personal in ("secretive", "Kimberley", "s3cr3t", "hidden-words", "letmein"):
        assert personal not in lines.text


def test_a_quarantine_begins_and_ends_with_a_line(
    store: Store,
    target: Scim2Target,
    deliver: Step,
    later: Step,
    lines: Lines,
) -> None:
    target.fail_next(401)
    store.add_user("kim")
    deliver()
    later()
    deliver()

    told = [line for line in lines.events if line["event"].startswith("connector ")]
    assert [(line["level"], line["event"]) for line in told] == [
        ("warning", "connector quarantined"),
        ("info", "connector is well again"),
    ]
    assert (told[0]["connector"], told[0]["status"]) == ("scim2", 401)
