"""`edit_job`, `link`, `unlink` and `skip`: one job by hand, on the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.models import OutboundConnector
from provisioning.models import AuditEvent, Job, ProvisionedEntity, State
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, connector, deliver, row, store, target
from tests.provisioning.management.running import run

__all__ = ["connector", "deliver", "row", "store", "target"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]


@pytest.fixture
def failed(target: Scim2Target, store: Store, deliver: Step) -> str:
    target.fail_next(400, document={"detail": "title is too long"})
    emails = [{"value": "kim@corp.example", "type": "work"}]
    store.add_user("kim", document={"title": "far too long", "emails": emails})
    deliver()
    return str(Job.objects.get().pk)


def test_a_job_is_edited_and_sent_once(failed: str, target: Scim2Target, deliver: Step) -> None:
    shown = run("edit_job", failed)
    assert "title=far too long" in shown.out
    assert run("edit_job", failed, "--json").json["values"]["title"] == "far too long"

    ended = run("edit_job", failed, "title=Dr", 'emails[type eq "work"].value=k@x.example')
    deliver()

    assert (ended.code, ended.out.strip()) == (
        0,
        'queued again with title, emails[type eq "work"].value changed',
    )
    kim = target.user("kim") or {}
    assert (kim["title"], kim["emails"][0]["value"]) == ("Dr", "k@x.example")
    assert AuditEvent.objects.get(action="job.edit").actor == "manage.py edit_job"


def test_what_cannot_be_edited_is_said(failed: str, store: Store) -> None:
    assert "no ATTRIBUTE=VALUE" in run("edit_job", failed, "title").err
    assert run("edit_job", "01a219c0-b3d6-73b2-be98-7e30a19c7fc0").code == 2
    store.set_user(Job.objects.get().entity_id, "kim", document={"title": "x"})
    ended = run("edit_job", failed)
    assert (ended.code, "something newer" in ended.err) == (1, True)


def test_an_account_is_found_linked_and_unlinked(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    OutboundConnector.objects.update(on_conflict="hold")
    there = str(target.add_user("kim")["id"])
    store.add_user("kim", document={"title": "Dr"})
    deliver()
    job = str(Job.objects.get().pk)

    assert f"{there}  kim" in run("link", job).out
    nobody = run("link", job, "--find", "nobody")
    assert (nobody.code, "nobody there is called nobody" in nobody.out) == (1, True)
    assert run("link", job, "nowhere").code == 1
    linked = run("link", job, there, "--json")
    assert linked.json == {"linked": {"remote_id": there, "name": "kim"}}
    assert run("unlink", "partner", "scim2", "kim").code == 1  # its job is on its way
    deliver()
    assert run("link", job, there).code == 2

    ended = run("unlink", "partner", "scim2", "KIM")
    assert (ended.code, ended.out.strip()) == (0, "kim is not kim there any more")
    assert not ProvisionedEntity.objects.exists()
    assert there in target.users
    assert run("unlink", "partner", "scim2", "kim").code == 2


def test_failed_jobs_are_skipped_with_a_reason(failed: str) -> None:
    assert run("skip").code == 2
    assert run("skip", "--all", "--job", failed).code == 2

    ended = run("skip", "--job", failed, "--reason", "left us")

    assert (ended.code, ended.out.strip()) == (0, "1 skipped")
    job = Job.objects.get()
    assert (job.state, job.reason) == (
        State.CANCELLED,
        "skipped by manage.py skip: left us",
    )
    assert run("skip", "--job", failed).code == 2
    assert run("skip", "--all", "--json").json == {"skipped": 0}
