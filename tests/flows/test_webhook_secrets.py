"""The secrets of webhooks: changed without a gap, replaced when lost, shown to nobody."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from idp.models import Operator
from provisioning import courier, webhooks
from provisioning.inbound import verified
from provisioning.models import Message, Webhook
from tests.console import MODEL_BACKEND
from tests.factories import make_operator
from tests.fakes.receiver import SECRET, Receiver
from tests.flows.conftest import Store
from tests.flows.test_webhooks import receiver, subscribe
from tests.provisioning.configuration.files import applied, in_tenant
from tests.provisioning.inbound.calls import basic

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


def by_file(webhook: Webhook, client: Client) -> None:
    text = f"webhooks: [{{name: siem, secret: {json.dumps(SECRET)}}}]"
    assert applied(in_tenant(text)).lines


def by_rest(webhook: Webhook, client: Client) -> None:
    address = f"/api/v1/webhooks/{webhook.pk}/"
    body = {"secret": SECRET}
    answer = client.patch(address, body, content_type="application/json", headers=basic())
    assert answer.status_code == 200, answer.content


def by_form(webhook: Webhook, client: Client) -> None:
    values = {"url": webhook.url, "enabled": "on", "every": "on", "secret": SECRET}
    answer = client.post(page_of(webhook), values)
    assert answer.status_code == 302, answer.content


def by_button(webhook: Webhook, client: Client) -> None:
    """A random one, which is shown once."""
    button = reverse("admin:provisioning_webhook_press", args=[webhook.pk, "new-secret"])
    answer = client.post(button, {"confirmed": "1"})
    shown = answer.context["secret"]
    assert shown in answer.content.decode()
    by_form(webhook, client)


def page_of(webhook: Webhook) -> str:
    return reverse("admin:provisioning_webhook_change", args=[webhook.pk])


@pytest.mark.parametrize("mend", [by_file, by_rest, by_form, by_button])
def test_a_secret_whose_key_is_lost_is_replaced(
    receiver: Receiver,
    store: Store,
    client: Client,
    settings: Settings,
    mend: Callable[[Webhook, Client], None],
) -> None:
    webhook = subscribe(store, receiver)
    settings.PURVEYOR_SECRET_KEYS = [base64.urlsafe_b64encode(b"n" * 32).decode()]
    verified.credentials.forget()
    make_operator(webhook.tenant)
    client.force_login(Operator.objects.get(), backend=MODEL_BACKEND)
    courier.test_webhook(webhook, actor="ops")
    courier.work_off()
    assert receiver.events == []
    assert "sealed with a key that is not" in Message.objects.get().reason
    assert "nothing is sent unsigned" in client.get(page_of(webhook)).content.decode()

    mend(webhook, client)

    Message.objects.update(not_before=timezone.now())
    courier.work_off()
    assert receiver.refused == []
    assert [one["type"] for one in receiver.events] == ["purveyor.webhook.test"]
    assert "nothing is sent unsigned" not in client.get(page_of(webhook)).content.decode()


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
