"""Operation over REST: jobs, held ones, accounts and the trail."""

from __future__ import annotations

from typing import Any

import pytest

from idp.models import OutboundConnector, Tenant
from provisioning.api import paging
from provisioning.models import REHEARSED, Job, ProvisionedEntity, State
from tests.console import World, add_user
from tests.provisioning.api.conftest import Api
from tests.provisioning.api.test_configuring import problem

pytestmark = pytest.mark.django_db
NOBODY = "01a219c0-b3d6-73b2-be98-7e30a19c7fc0"


@pytest.fixture
def held(tenant: Tenant, world: World) -> list[Job]:
    """Three held jobs, the oldest first."""
    for name in ("lee", "max", "ola"):
        add_user(tenant, name)
    jobs = Job.objects.filter(entity_name__in=["lee", "max", "ola"])
    jobs.update(state=State.HELD, reason="an account of that name is there")
    return list(Job.objects.filter(state=State.HELD).order_by("position"))


def test_a_job_has_the_keys_that_scripts_rely_on(api: Api, world: World) -> None:
    told = api.get("jobs/?entity=kim").json()

    assert {"count", "next", "previous", "results"} <= told.keys()
    [job] = told["results"]
    keys = (
        "id state operation entity identity_provider connector reason attempts created updated"
    )
    assert set(keys.split()) <= job.keys()
    assert (job["entity"], job["state"], job["connector"]) == ("kim", "failed", "scim2")
    [attempt] = api.get(f"jobs/{job['id']}/").json()["last_attempts"]
    assert (attempt["status"], attempt["exchanges"][0]["method"]) == (400, "POST")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=failed", 1),
        ("state=done", 0),
        ("identity_provider=kim-idp&connector=scim2", 2),
        ("identity_provider=nope", 0),
        ("connector=google", 0),
        ("entity=kim", 1),
        ("entity=kim-group", 1),
        ("entity=nope", 0),
        (f"entity={NOBODY}", 0),
        ("operation=create&state=pending", 1),
    ],
)
def test_jobs_are_narrowed_by_what_an_index_answers(
    api: Api, world: World, query: str, found: int
) -> None:
    told = api.get(f"jobs/?{query}").json()

    assert (told["count"], len(told["results"])) == (found, found)


def test_wrong_filters_are_refused_by_name(api: Api, world: World) -> None:
    assert "state" in problem(api.get("jobs/?state=fnord"))
    assert problem(api.get("jobs/?stat=failed")) == {"stat": "unknown parameter"}
    assert "limit" in problem(api.get("jobs/?limit=0"))
    assert "cursor" in problem(api.get("jobs/?cursor=cD14"))
    assert problem(api.get("jobs/?entity=%00")) == {"entity": "must not hold a NUL character"}


def test_long_lists_are_counted_only_so_far(
    api: Api, held: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNTED", 2)

    told = api.get("held/").json()

    assert (told["count"], told["count_exact"], len(told["results"])) == (2, False, 3)


def test_a_failed_job_is_retried_once(api: Api, world: World) -> None:
    told = api.post(f"jobs/{world.job.pk}/retry/")

    assert (told.status_code, told.json()["state"]) == (200, "pending")
    assert problem(api.post(f"jobs/{world.job.pk}/retry/"), 409) == {}


def test_failed_jobs_are_retried_together(api: Api, world: World) -> None:
    assert api.post("jobs/retry/", {"signature": "other"}).json() == {"retried": 0}
    assert api.post("jobs/retry/", {"identity_provider": "kim-idp"}).json() == {"retried": 1}


def test_held_jobs_are_released_and_rejected_one_by_one(api: Api, held: list[Job]) -> None:
    first, second, third = held

    assert api.post(f"held/{first.pk}/release/").json()["state"] == "pending"
    assert api.post(f"held/{second.pk}/reject/").json()["state"] == "cancelled"
    assert problem(api.post(f"held/{second.pk}/release/"), 409) == {}

    [left] = api.get("held/").json()["results"]
    assert left["id"] == str(third.pk)


def test_the_oldest_held_jobs_are_released_together(api: Api, held: list[Job]) -> None:
    told = api.post("held/release/", {"all": True, "count": 2})

    assert told.json() == {"released": 2}
    assert [job["id"] for job in api.get("held/").json()["results"]] == [str(held[2].pk)]
    assert api.post("held/reject/", {"jobs": [str(held[2].pk)]}).json() == {"rejected": 1}


def test_what_was_only_rehearsed_waits_for_no_decision(api: Api, held: list[Job]) -> None:
    Job.objects.filter(pk=held[0].pk).update(reason_code=REHEARSED)

    assert len(api.get("held/").json()["results"]) == 2
    assert problem(api.post(f"held/{held[0].pk}/release/"), 409) == {}
    assert problem(api.post(f"held/{held[0].pk}/reject/"), 409) == {}
    assert api.post("held/release/", {"all": True, "count": 1}).json() == {"released": 1}
    assert api.get(f"jobs/{held[0].pk}/").json()["state"] == "held"
    assert api.get(f"jobs/{held[1].pk}/").json()["state"] == "pending"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"count": 3},
        {"all": True, "connector": "scim2"},
        {"all": False},
        {"jobs": ["nope"]},
        {"connector": "nope"},
        {"jobz": []},
    ],
)
def test_a_bulk_operation_must_say_which(api: Api, held: list[Job], body: Any) -> None:
    problem(api.post("held/reject/", body))

    assert Job.objects.filter(state=State.HELD).count() == 3


def test_accounts_are_listed_without_what_is_sealed(api: Api, world: World) -> None:
    [told] = api.get("provisioned-entities/?entity=kim&state=linked").json()["results"]

    assert (told["entity"], told["remote_id"], told["connector"]) == ("kim", "r-1", "scim2")
    assert api.get(f"provisioned-entities/{told['id']}/").json() == told
    assert problem(api.post(f"provisioned-entities/{told['id']}/send-owed/"), 409) == {}


def test_a_removal_that_is_owed_is_sent(api: Api, world: World) -> None:
    OutboundConnector.objects.update(enabled=False)
    api.delete("users/kim/")
    link = ProvisionedEntity.objects.get(entity_name="kim")
    assert link.owed == "delete"
    OutboundConnector.objects.update(enabled=True)

    sent = api.post(f"provisioned-entities/{link.pk}/send-owed/")

    assert (sent.status_code, sent.json()["owed"]) == (200, "")
    assert Job.objects.filter(operation="delete", state=State.PENDING).count() == 1


def test_the_trail_tells_who_did_what(api: Api, world: World) -> None:
    listed = api.get(f"audit/?subject={world.user.pk}&door=console").json()["results"]

    assert [event["action"] for event in listed] == ["user.create"]
    assert api.get(f"audit/{listed[0]['id']}/").json() == listed[0]
