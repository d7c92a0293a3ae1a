"""One failed delivery is sent once with other values; the next change sends the mapped ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from connectors import Dialect
from idp.models import OutboundConnector
from provisioning import editing, edits, operations
from provisioning.editing import CannotEdit
from provisioning.models import AuditEvent, Job, State
from tests.fakes.scim2 import ENTERPRISE, Scim2Target
from tests.flows.conftest import Store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]

KIM = {
    "title": "a title that is too long",
    "name": {"givenName": "Kim", "familyName": "Lee"},
    "emails": [{"value": "kim@corp.example", "type": "work", "primary": True}],
    ENTERPRISE: {"department": "Sales"},
}


@pytest.fixture
def job(target: Scim2Target, store: Store, deliver: Step) -> Job:
    """Kim's create, which the target refused."""
    target.fail_next(400, document={"detail": "title is too long"})
    store.add_user("kim", document=KIM)
    deliver()
    return Job.objects.get()


def edit(job: Job, given: Mapping[str, str]) -> None:
    draft = editing.draft(job)
    changed = edits.of_form(draft.payload, given, draft.dialect)
    editing.edit_and_retry(job, changed, actor="ann")


def test_what_was_edited_is_sent_once(
    target: Scim2Target, store: Store, deliver: Step, job: Job
) -> None:
    edit(
        job,
        {
            "title": "Chief",
            'emails[type eq "work"].value': "kim@other.example",
            f"{ENTERPRISE}:department": "",
            "nickName": "K",
        },
    )
    deliver()

    kim = target.user("kim")
    assert kim is not None
    assert (kim["title"], kim["nickName"], kim["emails"][0]["value"]) == (
        "Chief",
        "K",
        "kim@other.example",
    )
    assert kim["name"] == {"givenName": "Kim", "familyName": "Lee"}
    assert "department" not in kim.get(ENTERPRISE, {})

    store.set_user(job.entity_id, "kim", document={**KIM, "title": "Dr"})
    deliver()
    kim = target.user("kim")
    assert kim is not None
    assert (kim["title"], kim[ENTERPRISE]["department"]) == ("Dr", "Sales")
    assert kim["emails"][0]["value"] == "kim@corp.example"
    assert "nickName" not in kim


def test_it_is_laid_over_what_is_planned_then(
    target: Scim2Target,
    connector: OutboundConnector,
    deliver: Step,
    later: Step,
    job: Job,
) -> None:
    """Also when the connector changes while the job waits for its next try."""
    target.fail_next(503)
    edit(job, {"title": "Chief"})
    deliver()
    OutboundConnector.objects.update(revision=connector.revision + 5)
    later()
    deliver()

    kim = target.user("kim")
    assert kim is not None
    assert kim["title"] == "Chief"


def test_an_edited_answer_that_was_lost_is_cleared_away_by_the_next_change(
    target: Scim2Target, store: Store, deliver: Step, job: Job
) -> None:
    edit(job, {"nickName": "K", "title": "Chief"})
    target.drop_next(method="POST", processed=True)
    deliver()
    store.set_user(job.entity_id, "kim", document={**KIM, "title": "Dr"})
    deliver()

    kim = target.user("kim")
    assert kim is not None
    assert kim["title"] == "Dr"
    assert "nickName" not in kim


def test_a_plain_retry_sends_the_mapped_values(
    target: Scim2Target, deliver: Step, job: Job
) -> None:
    edit(job, {"title": "Chief"})
    target.fail_next(400, document={"detail": "no"})
    deliver()
    job.refresh_from_db()
    assert (job.state, job.edited) == (State.FAILED, True)

    operations.retry(Job.objects.all(), actor="ops")
    deliver()

    kim = target.user("kim")
    assert kim is not None
    assert kim["title"] == KIM["title"]


def test_the_trail_names_attributes_and_not_their_values(job: Job) -> None:
    edit(job, {"title": "Chief"})

    [event] = AuditEvent.objects.filter(action="job.edit")
    assert (event.actor, event.detail["attributes"]) == ("ann", ["title"])
    assert "Chief" not in str(event.detail)
    told = edits.carried(Job.objects.get().payload)
    assert [(one.path, one.before, one.value) for one in told] == [
        ("title", KIM["title"], "Chief")
    ]


def test_something_newer_is_never_edited_over(
    target: Scim2Target, store: Store, deliver: Step, job: Job
) -> None:
    draft = editing.draft(job)
    changed = edits.of_form(draft.payload, {"title": "Chief"}, draft.dialect)
    OutboundConnector.objects.update(mode="paused")
    store.set_user(job.entity_id, "kim", document={"title": "Dr"})

    with pytest.raises(CannotEdit, match="something newer"):
        editing.edit_and_retry(job, changed, actor="ann")
    with pytest.raises(CannotEdit, match="something newer"):
        editing.draft(job)


def test_secrets_and_what_is_no_user_are_not_edited(store: Store, job: Job) -> None:
    draft = editing.draft(job)
    assert edits.of_form(draft.payload, {"password": "x", "title": ""}, Dialect.SCIM)[0] == (
        edits.Edit("title", KIM["title"], None)
    )
    assert len(edits.of_form(draft.payload, {"password": "x"}, Dialect.SCIM)) == 0
    group = store.add_group("sales")
    Job.objects.filter(entity_id=group.entity_id).update(state=State.FAILED)
    with pytest.raises(CannotEdit, match="Only what is sent of a user"):
        editing.draft(Job.objects.get(entity_id=group.entity_id))
    with pytest.raises(CannotEdit, match="Nothing was changed"):
        editing.edit_and_retry(job, (), actor="ann")
