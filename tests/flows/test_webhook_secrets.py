"""The secrets of webhooks: changed without a gap, replaced when lost, shown to nobody."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from idp.models import Operator
from provisioning import courier, webhooks
from provisioning.models import Message
from tests.console import MODEL_BACKEND
from tests.factories import make_operator
from tests.fakes.receiver import SECRET, Receiver
from tests.flows.conftest import Store
from tests.flows.test_webhooks import receiver, subscribe

__all__ = ["receiver"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("row")]
Step = Callable[[], None]


def test_the_old_secret_signs_for_a_day_beside_the_new_one(store: Store, deliver: Step) -> None:
    with Receiver(SECRET) as old:
        webhook = subscribe(store, old)
        assert webhooks.set_secret(webhook, webhooks.new())
        webhooks.save(webhook)
        store.add_user("kim")
        deliver()
        assert old.types() == ["job.done"]

        webhook.secrets = [
            {**one, "until": one["until"] and timezone.now().isoformat()}
            for one in webhook.secrets
        ]
        webhooks.save(webhook)
        store.add_user("lee")
        deliver()
        assert len(old.refused) == 1


def test_a_secret_whose_key_is_lost_is_replaced(
    receiver: Receiver, store: Store, deliver: Step, client: Client, settings: Settings
) -> None:
    webhook = subscribe(store, receiver)
    settings.PURVEYOR_SECRET_KEYS = [base64.urlsafe_b64encode(b"n" * 32).decode()]
    make_operator(webhook.tenant, "ops")
    client.force_login(Operator.objects.get(name="ops"), backend=MODEL_BACKEND)
    page = reverse("admin:provisioning_webhook_change", args=[webhook.pk])
    assert "nothing is sent unsigned" in client.get(page).content.decode()

    webhook.refresh_from_db()
    assert webhooks.set_secret(webhook, SECRET)
    webhooks.save(webhook)
    courier.test_webhook(webhook, actor="ops")
    courier.work_off()

    assert receiver.refused == []
    assert [one["type"] for one in receiver.events] == ["purveyor.webhook.test"]
    assert "nothing is sent unsigned" not in client.get(page).content.decode()


def test_what_is_shown_of_a_message_holds_no_signature(
    receiver: Receiver, store: Store, deliver: Step
) -> None:
    subscribe(store, receiver)
    store.add_user("kim", password="very-secret-1")
    deliver()

    exchange = Message.objects.get().exchange
    assert exchange["request_headers"]["webhook-signature"] == "***"
    assert SECRET not in str(exchange)
    assert "very-secret-1" not in str([r.body for r in receiver.log])
