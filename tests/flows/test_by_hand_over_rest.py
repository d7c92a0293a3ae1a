"""What the console does with one job by hand, a program does over REST."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from idp.models import OutboundConnector, Tenant
from provisioning.inbound import verified
from provisioning.models import AuditEvent, Job, ProvisionedEntity, State
from tests.factories import make_operator
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.provisioning.api.conftest import Api
from tests.provisioning.inbound.calls import basic

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]


@pytest.fixture
def api(tenant: Tenant) -> Iterator[Api]:
    verified.credentials.forget()
    make_operator(tenant)
    yield Api(basic())
    verified.credentials.forget()


@pytest.fixture
def failed(target: Scim2Target, store: Store, deliver: Step) -> str:
    target.fail_next(400, document={"detail": "title is too long"})
    store.add_user("kim", document={"title": "far too long", "nickName": "K"})
    deliver()
    return str(Job.objects.get().pk)


def test_a_failed_job_is_sent_once_with_other_values(
    api: Api, failed: str, target: Scim2Target, deliver: Step
) -> None:
    told = api.get(f"jobs/{failed}/edit/").json()
    assert told == {"values": {"nickName": "K", "title": "far too long"}}

    answer = api.post(
        f"jobs/{failed}/edit/",
        {"values": {"title": "Dr", "nickName": None, "userType": "x"}},
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "pending"
    deliver()

    kim = target.user("kim") or {}
    assert (kim["title"], kim.get("nickName"), kim["userType"]) == ("Dr", None, "x")
    event = AuditEvent.objects.get(action="job.edit")
    assert (event.door, event.actor) == ("rest", "ops")
    assert api.get(f"jobs/{failed}/edit/").status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "values"),
        ({"values": []}, "values"),
        ({"values": {}}, "values"),
        ({"values": {"title": 7}}, "values.title"),
        ({"values": {"title": {"a": 1}}}, "values.title"),
        ({"values": {"password": "x"}}, "values.password"),
    ],
)
def test_values_that_cannot_be_are_named(
    api: Api, failed: str, body: object, field: str
) -> None:
    answer = api.post(f"jobs/{failed}/edit/", body)

    assert answer.status_code == 400, answer.content
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert Job.objects.get().state == State.FAILED


def test_the_same_values_are_no_edit(api: Api, failed: str) -> None:
    answer = api.post(f"jobs/{failed}/edit/", {"values": {"nickName": "K"}})

    assert answer.status_code == 409
    assert answer.json()["detail"] == "Nothing was changed."


def test_sending_other_values_is_for_administrators(
    api: Api, tenant: Tenant, failed: str
) -> None:
    make_operator(tenant, "olga", role="operator")
    operator = Api(basic("olga"))

    assert operator.get(f"jobs/{failed}/edit/").status_code == 403
    assert operator.post(f"jobs/{failed}/edit/", {"values": {"title": "x"}}).status_code == 403
    assert Job.objects.get().state == State.FAILED


def test_the_account_that_is_meant_is_found_and_linked_and_let_go_again(
    api: Api, target: Scim2Target, store: Store, deliver: Step
) -> None:
    OutboundConnector.objects.update(on_conflict="hold")
    there = str(target.add_user("kim", emails=[{"value": "kim@corp.example"}])["id"])
    store.add_user("kim", document={"title": "Dr"})
    deliver()
    job = Job.objects.get()

    found = api.get(f"jobs/{job.pk}/link/").json()["results"]
    assert [(one["remote_id"], one["email"]) for one in found] == [(there, "kim@corp.example")]
    assert api.get(f"jobs/{job.pk}/link/?wanted=nobody").json() == {"results": []}

    refused = api.post(f"jobs/{job.pk}/link/", {"remote_id": "nowhere"})
    assert refused.status_code == 409
    assert api.post(f"jobs/{job.pk}/link/", {}).status_code == 400
    linked = api.post(f"jobs/{job.pk}/link/", {"remote_id": there})
    assert linked.status_code == 200, linked.content
    assert (linked.json()["remote_id"], linked.json()["adopted"]) == (there, True)
    deliver()
    assert target.users[there]["title"] == "Dr"
    assert api.get(f"jobs/{job.pk}/link/").status_code == 409

    link = ProvisionedEntity.objects.get()
    assert api.post(f"provisioned-entities/{link.pk}/unlink/").status_code == 204
    assert not ProvisionedEntity.objects.exists()
    assert there in target.users
    events = AuditEvent.objects.filter(action__startswith="link.").order_by("id")
    assert [(one.action, one.door) for one in events] == [
        ("link.adopt", "rest"),
        ("link.forget", "rest"),
    ]
