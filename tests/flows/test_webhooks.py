"""Webhooks: whoever waits for an event gets it, signed, once, however bad the day was."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from idp.models import OutboundConnector, Tenant
from provisioning import courier, operations, webhooks
from provisioning.courier.settling import PATIENCE
from provisioning.models import Event, Job, Message, Notification, Passage, State, Webhook
from provisioning.worker import Worker
from serviceproviders.models import OutboundTarget
from tests.fakes.receiver import SECRET, Receiver
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Publish, Store
from tests.flows.policies import policy, rule

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def subscribe(store: Store, receiver: Receiver, **fields: Any) -> Webhook:
    tenant = store.service_provider.tenant
    webhook = Webhook(tenant=tenant, name="siem", url=f"{receiver.url}/hook", **fields)
    webhooks.set_secret(webhook, SECRET)
    webhooks.save(webhook)
    return webhook


def due_again() -> None:
    """As if enough time had passed for the next attempt."""
    Message.objects.filter(state=Passage.PENDING).update(not_before=timezone.now())
    Webhook.objects.update(rests_until=None)


def test_every_outcome_of_a_job_is_told(
    receiver: Receiver, target: Scim2Target, store: Store, deliver: Step
) -> None:
    subscribe(store, receiver)
    target.fail_next(400, document={"detail": "title is too long"})
    kim = store.add_user("kim").entity_id
    deliver()
    store.add_user("lee")
    deliver()
    for name in ("mia", "noa"):
        changed = store.add_user(name).entity_id
    store.delete_user(changed)
    deliver()

    assert receiver.refused == []
    told = [(e["type"], e["data"]["entity"]) for e in receiver.events if "job." in e["type"]]
    assert told.count(("purveyor.job.failed", "kim")) == 1
    assert ("purveyor.job.done", "lee") in told
    assert ("purveyor.job.done", "mia") in told
    assert ("purveyor.job.cancelled", "noa") in told
    failed = next(e for e in receiver.events if e["type"] == "purveyor.job.failed")
    job = Job.objects.get(entity_id=kim)
    assert failed["specversion"] == "1.0"
    assert failed["source"].endswith("/t/carbon.super")
    assert failed["subject"] == f"jobs/{job.pk}"
    assert failed["data"] | {"reason": ""} == {
        "job": str(job.pk),
        "state": "failed",
        "operation": "create",
        "entity": "kim",
        "entity_id": str(kim),
        "entity_type": "user",
        "identity_provider": "partner",
        "connector": "scim2",
        "remote_name": "kim",
        "reason": "",
        "reason_code": "rejected",
        "attempts": 1,
        "change": str(job.change_id),
        "created": job.created.isoformat(),
    }
    assert "title is too long" in failed["data"]["reason"]


def test_superseded_and_rejected_jobs_are_told(
    receiver: Receiver, store: Store, deliver: Step
) -> None:
    OutboundConnector.objects.update(guard_max_count=1)
    ids = [store.add_user(name).entity_id for name in ("kim", "lee", "mia")]
    store.set_user(ids[0], "kim", document={"title": "Boss"})
    deliver()
    subscribe(store, receiver, events=["job.superseded", "job.held", "job.cancelled"])
    store.set_user(ids[0], "kim", document={"title": "Chief"})
    store.set_user(ids[0], "kim", document={"title": "Head"})
    for one in ids:
        store.delete_user(one)
    deliver()
    operations.reject(Job.objects.filter(state=State.HELD), actor="ops")
    courier.work_off()

    told = receiver.types()
    assert set(told) == {"job.superseded", "job.held", "job.cancelled"}
    assert told.count("job.held") == told.count("job.cancelled") == 2


def test_jobs_that_end_without_an_attempt_are_told(
    receiver: Receiver,
    connector: OutboundConnector,
    target: Scim2Target,
    store: Store,
    deliver: Step,
    publish: Publish,
    row: OutboundTarget,
) -> None:
    row.enable_rules = True
    row.save()
    subscribe(store, receiver, events=["job.superseded", "job.failed", "job.cancelled"])
    target.fail_next(400, times=2, document={"detail": "title is too long"})
    kim, lee = (store.add_user(name).entity_id for name in ("kim", "lee"))
    deliver()
    operations.skip(Job.objects.filter(entity_id=lee), actor="ops")
    store.set_user(kim, "kim", document={"title": "Lead"})
    deliver()
    noa = store.add_user("noa").entity_id
    mia = store.add_user("mia").entity_id
    Job.objects.filter(entity_id=mia).update(maybe_sent=True)
    publish(policy("nobody", rule("r", "Deny")))
    for one, name in ((noa, "noa"), (mia, "mia")):
        store.set_user(one, name, document={"title": "x"})
    courier.work_off()

    told = {
        (e["data"]["entity"], e["data"]["state"], e["data"]["reason_code"])
        for e in receiver.events
    }
    assert {
        ("kim", "superseded", "overtaken"),
        ("lee", "cancelled", "skipped"),
        ("noa", "cancelled", "held_back"),
        ("mia", "failed", "held_back"),
    } <= told
    assert Job.objects.get(entity_id=mia, state=State.FAILED).signature.startswith(
        "scim2.put-user.held_back."
    )


def test_nobody_is_told_what_they_do_not_wait_for(
    receiver: Receiver, store: Store, deliver: Step
) -> None:
    subscribe(store, receiver, events=["job.failed"])
    store.add_user("kim")
    deliver()

    assert receiver.log == []
    assert not Event.objects.exists()
    assert not Message.objects.exists()


def test_a_batch_is_one_request(receiver: Receiver, store: Store, deliver: Step) -> None:
    subscribe(store, receiver, batched=True)
    for number in range(30):
        store.add_user(f"person-{number}")
    deliver()

    assert receiver.types() == ["job.done"] * 30
    assert len(receiver.log) < 30
    assert {r.headers["content-type"] for r in receiver.log} == {
        "application/cloudevents-batch+json; charset=utf-8"
    }


def test_a_receiver_that_fails_gets_everything_later_and_once(
    receiver: Receiver, store: Store, deliver: Step
) -> None:
    subscribe(store, receiver)
    receiver.fail_next(503, headers={"Retry-After": "120"})
    store.add_user("kim")
    deliver()
    assert receiver.events == []
    [message] = Message.objects.all()
    assert (message.state, message.attempts, message.status) == (Passage.PENDING, 1, 503)
    assert message.not_before - timezone.now() > timedelta(seconds=100)
    store.add_user("lee")
    deliver()
    assert len(receiver.log) == 1, "it rests"

    receiver.drop_next(processed=True)
    due_again()
    courier.work_off()
    due_again()
    courier.work_off()

    assert receiver.types() == ["job.done"] * 2
    assert set(Message.objects.values_list("state", flat=True)) == {Passage.SENT}
    ids = [request.headers["webhook-id"] for request in receiver.log]
    assert len(set(ids)) == 2 < len(ids)


def test_provisioning_does_not_wait_for_a_receiver(
    receiver: Receiver, target: Scim2Target, store: Store
) -> None:
    subscribe(store, receiver)
    hanging = receiver.hang_next(times=9)
    store.add_user("kim")
    Worker(threading.Event(), 1).run(once=True)

    assert Job.objects.get().state == State.DONE
    assert not hanging.reached.is_set()


def test_one_that_is_gone_is_disabled_and_operators_are_told(
    tenant: Tenant, receiver: Receiver, store: Store, deliver: Step
) -> None:
    webhook = subscribe(store, receiver)
    receiver.fail_next(410)
    store.add_user("kim")
    deliver()

    webhook.refresh_from_db()
    assert (webhook.enabled, webhook.disabled_because[:16]) == (False, "It answered 410:")
    tenant.refresh_from_db()
    assert tenant.event_types == []
    assert Notification.objects.get(cause="webhook").resolved is None


def test_one_that_fails_for_days_is_disabled(
    receiver: Receiver, store: Store, deliver: Step
) -> None:
    webhook = subscribe(store, receiver)
    Webhook.objects.update(failing_since=timezone.now() - PATIENCE - timedelta(hours=1))
    receiver.fail_next(500)
    store.add_user("kim")
    deliver()

    webhook.refresh_from_db()
    assert not webhook.enabled
    assert "3 days" in webhook.disabled_because


def test_a_message_is_given_up_after_a_day_and_can_be_sent_again(
    receiver: Receiver, store: Store, deliver: Step
) -> None:
    subscribe(store, receiver)
    receiver.fail_next(500, times=2)
    store.add_user("kim")
    deliver()
    Message.objects.update(give_up_at=timezone.now())
    due_again()
    courier.work_off()
    message = Message.objects.get()
    assert message.state == Passage.FAILED
    assert message.reason == "gave up after a day: answered 500"

    assert courier.ask_again(Message.objects.all()) == 1
    due_again()
    courier.work_off()
    assert receiver.types() == ["job.done"]


def test_redirects_are_not_followed(receiver: Receiver, store: Store, deliver: Step) -> None:
    subscribe(store, receiver)
    receiver.redirect_next("http://127.0.0.1:9/elsewhere")
    store.add_user("kim")
    deliver()

    assert len(receiver.log) == 1
    assert "redirects are not followed" in Message.objects.get().reason
