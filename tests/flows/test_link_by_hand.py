"""An operator says which account is whose, or that none is; the target is asked first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.models import OutboundConnector
from provisioning import hand_links
from provisioning.hand_links import CannotLink
from provisioning.models import (
    AuditEvent,
    Job,
    LinkState,
    ProvisionedEntity,
    State,
)
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, names

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]


@pytest.fixture(autouse=True)
def _hold(connector: OutboundConnector) -> None:
    OutboundConnector.objects.update(on_conflict="hold")


@pytest.fixture
def there(target: Scim2Target) -> str:
    """The id of an account called kim that was there before."""
    emails = [{"value": "other@corp.example"}, {"value": "kim@corp.example", "primary": True}]
    return str(target.add_user("kim", emails=emails)["id"])


@pytest.fixture
def job(there: str, store: Store, deliver: Step) -> Job:
    """Kim's create, held because of that account."""
    store.add_user("kim", document={"title": "Dr"}, password="tell-nobody-1")
    deliver()
    return Job.objects.get()


def test_the_held_job_names_the_account(job: Job, there: str) -> None:
    assert (job.state, job.reason_code) == (State.HELD, "conflict")
    assert (job.found_id, job.found_name) == (there, "kim")


@pytest.mark.parametrize("by", ["id", "name"])
def test_it_is_looked_up_by_id_or_name(job: Job, there: str, by: str) -> None:
    [account] = hand_links.look_up(job, there if by == "id" else "KIM")

    assert (account.found.remote_id, account.email) == (there, "kim@corp.example")
    assert (account.objection, account.remark, account.found.active) == ("", "", True)
    assert hand_links.look_up(job, "nobody") == []


def test_linked_it_goes_on_and_keeps_its_password(
    target: Scim2Target, deliver: Step, job: Job, there: str
) -> None:
    link = hand_links.link(job, there, actor="ops")
    assert (link.state, link.adopted, link.remote_id) == (LinkState.LINKED, True, there)
    deliver()

    job.refresh_from_db()
    assert (job.state, job.found_id) == (State.DONE, "")
    assert target.users[there]["title"] == "Dr"
    assert target.passwords == {}
    [event] = AuditEvent.objects.filter(action="link.adopt")
    assert (event.actor, event.detail["remote_id"]) == ("ops", there)


def test_an_account_of_another_name_is_renamed(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    there = target.add_user("kim.lee")["id"]
    target.fail_next(400, document={"detail": "no licence left"})
    store.add_user("kim")
    deliver()

    hand_links.link(Job.objects.get(), there, actor="ops")
    deliver()

    assert names(target) == ["kim"]


def test_the_right_one_of_two_is_told_apart_by_its_id(
    target: Scim2Target, store: Store, deliver: Step
) -> None:
    first = target.add_user("kim")["id"]
    target.fail_next(409, document={"scimType": "uniqueness", "detail": "there"})
    with target.lock:
        target.users["twin"] = {**target.users[first], "id": "twin"}
    store.add_user("kim", document={"title": "Dr"})
    deliver()
    job = Job.objects.get()
    assert (job.state, job.signature) == (State.FAILED, "scim2.put-user.ambiguous")
    assert {one.found.remote_id for one in hand_links.look_up(job, "kim")} == {first, "twin"}

    with target.lock:
        del target.users[first]
    hand_links.link(job, "twin", actor="ops")
    deliver()
    assert target.users["twin"]["title"] == "Dr"


def test_groups_that_wait_for_the_person_take_them_in(
    target: Scim2Target, store: Store, deliver: Step, job: Job, there: str
) -> None:
    store.add_group("sales", add=[job.entity_id])
    deliver()
    assert target.member_names("sales") == []

    hand_links.link(job, there, actor="ops")
    deliver()

    assert target.member_names("sales") == ["kim"]


def test_never_a_protected_name(job: Job, there: str) -> None:
    OutboundConnector.objects.update(protected_names=["KIM"])
    job = Job.objects.get()

    [account] = hand_links.look_up(job, there)
    assert "protected" in account.objection
    with pytest.raises(CannotLink, match="protected"):
        hand_links.link(job, there, actor="ops")


def test_never_somebody_elses(
    target: Scim2Target, store: Store, deliver: Step, job: Job
) -> None:
    store.add_user("lee")
    deliver()
    lee = ProvisionedEntity.objects.get(entity_name="lee").remote_id

    [account] = hand_links.look_up(job, lee)
    assert account.objection == "It is linked to lee."
    with pytest.raises(CannotLink, match="linked to lee"):
        hand_links.link(job, lee, actor="ops")
    assert not ProvisionedEntity.objects.filter(entity_name="kim").exists()


def test_what_is_not_there_or_not_asked_for_any_more_is_not_linked(
    target: Scim2Target, store: Store, deliver: Step, job: Job, there: str
) -> None:
    with pytest.raises(CannotLink, match="no account under that id"):
        hand_links.link(job, "made-up", actor="ops")
    store.set_user(job.entity_id, "kim", document={"title": "Prof"})
    with pytest.raises(CannotLink, match="does not wait"):
        hand_links.link(job, there, actor="ops")
    target.password = "rotated"
    with pytest.raises(CannotLink, match="401"):
        hand_links.look_up(job, "kim")


def test_a_disabled_account_is_told_of_and_enabled(
    target: Scim2Target, deliver: Step, job: Job, there: str
) -> None:
    with target.lock:
        target.users[there]["active"] = False

    [account] = hand_links.look_up(job, there)
    assert "disabled there" in account.remark
    hand_links.link(job, there, actor="ops")
    deliver()
    assert target.users[there]["active"] is True


def test_unlinking_sends_nothing_and_forgets_whose_it_is(
    target: Scim2Target, store: Store, deliver: Step, job: Job, there: str
) -> None:
    link = hand_links.link(job, there, actor="ops")
    deliver()
    sent = len(target.log)

    hand_links.unlink(link, actor="ops")
    store.delete_user(job.entity_id)
    deliver()

    assert len(target.log) == sent
    assert names(target) == ["kim"]
    assert AuditEvent.objects.get(action="link.forget").detail["remote_id"] == there


def test_nothing_under_way_or_owed_is_lost_by_unlinking(
    target: Scim2Target, store: Store, deliver: Step, job: Job, there: str
) -> None:
    link = hand_links.link(job, there, actor="ops")
    deliver()
    OutboundConnector.objects.update(mode="paused")
    store.delete_user(job.entity_id)
    with pytest.raises(CannotLink, match="on its way"):
        hand_links.unlink(link, actor="ops")

    OutboundConnector.objects.update(mode="active")
    deliver()
    assert names(target) == []


def test_a_removal_that_is_owed_is_not_forgotten(
    store: Store, deliver: Step, job: Job, there: str
) -> None:
    link = hand_links.link(job, there, actor="ops")
    deliver()
    OutboundConnector.objects.update(enabled=False)
    store.delete_user(job.entity_id)

    with pytest.raises(CannotLink, match="owed"):
        hand_links.unlink(link, actor="ops")
