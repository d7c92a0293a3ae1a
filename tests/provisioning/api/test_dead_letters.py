"""Dead letters over REST."""

from __future__ import annotations

import pytest

from idp.models import OutboundConnector
from provisioning.models import Job, State
from tests.console import World
from tests.provisioning.api.conftest import Api
from tests.provisioning.api.test_configuring import problem

pytestmark = pytest.mark.django_db
SIGNATURE = "scim2.put-user.rejected.400.1d6cca19"


@pytest.fixture
def letter(world: World) -> Job:
    Job.objects.filter(pk=world.job.pk).update(signature=SIGNATURE, reason_code="rejected")
    return world.job


def test_groups_are_told_with_reason_and_advice(api: Api, letter: Job) -> None:
    told = api.get("dead-letters/").json()

    [group] = told["results"]
    assert told["count"] == 1
    assert (group["signature"], group["count"], group["connector"]) == (SIGNATURE, 1, "scim2")
    assert (group["reason"], group["sample"]) == ("the target refused it", str(letter.pk))
    assert group["advice"].endswith("retry all of them.")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"signature={SIGNATURE}", 1),
        ("signature=other", 0),
        ("identity_provider=kim-idp&connector=scim2", 1),
        ("connector=google", 0),
    ],
)
def test_groups_are_narrowed(api: Api, letter: Job, query: str, found: int) -> None:
    assert api.get(f"dead-letters/?{query}").json()["count"] == found
    assert "state" in problem(api.get("dead-letters/?state=failed"))


def test_jobs_are_found_by_their_signature(api: Api, letter: Job) -> None:
    [job] = api.get(f"jobs/?signature={SIGNATURE}").json()["results"]

    assert (job["id"], job["signature"]) == (str(letter.pk), SIGNATURE)
    assert api.get("jobs/?signature=other").json()["count"] == 0


def test_a_group_is_retried_and_can_be_followed(api: Api, letter: Job) -> None:
    told = api.post("dead-letters/retry/", {"signature": SIGNATURE}).json()

    assert (told["total"], told["done"], told["finished"]) == (1, 1, True)
    assert api.get(f"dead-letters/replays/{told['id']}/").json() == told
    letter.refresh_from_db()
    assert letter.state == State.PENDING
    assert problem(api.post("dead-letters/retry/", {"signature": SIGNATURE}), 409) == {}


def test_a_group_is_skipped(api: Api, letter: Job) -> None:
    body = {"signature": SIGNATURE, "connector": "scim2", "reason": "closed"}

    assert api.post("dead-letters/skip/", body).json()["action"] == "skip"

    letter.refresh_from_db()
    assert letter.state == State.CANCELLED
    assert "closed" in letter.reason


def test_a_group_must_be_named_whole(api: Api, world: World, letter: Job) -> None:
    pending = Job.objects.get(state=State.PENDING, entity_type="group")
    second = OutboundConnector(provider=world.provider, type="google")
    second.settings = {}
    second.save()
    Job.objects.filter(pk=pending.pk).update(
        state=State.FAILED, signature=SIGNATURE, connector=second
    )

    assert "connector" in problem(api.post("dead-letters/retry/", {"signature": SIGNATURE}))
    assert "signature" in problem(api.post("dead-letters/retry/", {}))
    body = {"signature": SIGNATURE, "connector": "google"}
    assert api.post("dead-letters/retry/", body).json()["connector"] == "google"


def test_jobs_are_skipped_one_by_one_and_together(api: Api, letter: Job) -> None:
    told = api.post(f"jobs/{letter.pk}/skip/", {"reason": "gone"}).json()
    assert (told["state"], told["reason_code"]) == ("cancelled", "skipped")
    assert problem(api.post(f"jobs/{letter.pk}/skip/", {}), 409) == {}

    assert api.post("jobs/skip/", {"signature": SIGNATURE}).json() == {"skipped": 0}
    vague = api.post("jobs/skip/", {"reason": "all of them?"})
    assert (vague.status_code, "say which" in str(vague.json())) == (400, True)


def test_a_signature_retries_what_failed_alike(api: Api, letter: Job) -> None:
    assert api.post("jobs/retry/", {"signature": SIGNATURE}).json() == {"retried": 1}
