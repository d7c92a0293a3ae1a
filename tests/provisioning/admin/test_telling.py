"""The bell, notifications, webhooks and messages in the console."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from idp.models import Operator, Tenant
from provisioning.models import (
    AuditEvent,
    Message,
    Notification,
    NotificationPreference,
    Passage,
    Tick,
    Webhook,
)
from tests.console import World, sign_in

LIST = "/admin/provisioning/notification/"
HOOKS = "/admin/provisioning/webhook/"


def bell(client: Client) -> str:
    page = client.get("/admin/").content.decode()
    return page.split('id="bell"')[1].split("</a>")[0]


def test_the_bell_counts_what_the_operator_has_not_read(
    console: Client, world: World, elsewhere: World, tenant: Tenant
) -> None:
    other = sign_in(tenant, "vera", role="viewer")
    assert "<strong>1</strong>" in bell(console)

    page = console.get(f"{LIST}{world.notification.pk}/change/")
    assert b"kim is quarantined" in page.content
    assert "<strong>" not in bell(console)
    assert "<strong>1</strong>" in bell(other), "everybody reads for themselves"

    other.post(f"{LIST}read/")
    assert "<strong>" not in bell(other)


def test_lists_are_narrowed(console: Client, world: World) -> None:
    assert b"kim is quarantined" in console.get(f"{LIST}?state=open").content
    assert b"kim is quarantined" in console.get(f"{LIST}?state=unread").content
    assert b"kim is quarantined" not in console.get(f"{LIST}?state=resolved").content
    Notification.objects.update(resolved=timezone.now())
    assert b"kim is quarantined" not in console.get(f"{LIST}?state=open").content
    assert b"kim is quarantined" in console.get(f"{LIST}?state=resolved").content


def test_everybody_decides_about_their_own_mail(tenant: Tenant) -> None:
    viewer = sign_in(tenant, "vera", role="viewer")
    page = f"{LIST}preferences/"
    assert b"EMAIL_URL" in viewer.get(page).content

    viewer.post(page, {"severities": ["critical", "warning"], "resolved": "on"})
    row = NotificationPreference.objects.get()
    assert row.operator == Operator.objects.get(name="vera")
    assert (row.severities, row.resolved) == (["critical", "warning"], True)

    viewer.post(page, {})
    row.refresh_from_db()
    assert (row.severities, row.resolved) == ([], False)


def test_a_warning_where_nobody_looks_after_anything(console: Client) -> None:
    assert b"Nothing periodic has run" not in console.get(LIST).content
    Tick.objects.create(name="watch", due=timezone.now() - timedelta(hours=2))
    assert b"Nothing periodic has run for" in console.get(LIST).content


def test_a_webhook_is_made_and_its_secret_shown_once(console: Client, tenant: Tenant) -> None:
    values = {"name": "siem", "url": "https://siem.example/", "enabled": "on", "every": "on"}
    made = console.post(f"{HOOKS}add/", values)

    row = Webhook.objects.get()
    secret = row.secrets[0]["secret"]
    assert secret in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    page = console.get(f"{HOOKS}{row.pk}/change/").content.decode()
    assert secret not in page
    tenant.refresh_from_db()
    assert tenant.event_types == ["*"]
    noted = AuditEvent.objects.filter(action="configuration.create", subject_name="siem")
    assert noted.exists()

    renewed = console.post(f"{HOOKS}{row.pk}/press/new-secret/", {"confirmed": 1})
    row.refresh_from_db()
    assert [one["secret"] for one in row.secrets][1:] == [secret]
    assert row.secrets[0]["secret"] in renewed.content.decode()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"url": "nowhere"}, "must be a whole address"),
        ({"secret": "guess-me"}, "must be whsec_"),
        ({"every": ""}, "Choose at least one"),
        ({"name": "kim-hook"}, "already exists"),
    ],
)
@pytest.mark.usefixtures("world")
def test_what_is_wrong_is_said(console: Client, values: dict[str, str], said: str) -> None:
    good = {"name": "siem", "url": "https://siem.example/", "enabled": "on", "every": "on"}

    page = console.post(f"{HOOKS}add/", {**good, **values})

    assert said in page.content.decode()
    assert Webhook.objects.count() == 1


def test_a_webhook_is_changed_tested_and_removed(
    console: Client, world: World, tenant: Tenant
) -> None:
    change = f"{HOOKS}{world.webhook.pk}/change/"
    values = {"url": world.webhook.url, "some": ["job.failed"], "enabled": "on"}
    assert console.post(change, values).status_code == 302
    tenant.refresh_from_db()
    assert tenant.event_types == ["job.failed"]

    console.post(f"{HOOKS}{world.webhook.pk}/press/test/")
    assert Message.objects.filter(webhook=world.webhook, about="webhook.test").exists()
    assert b"webhook.test" in console.get(change).content

    console.post(f"{HOOKS}{world.webhook.pk}/delete/", {"post": "yes"})
    tenant.refresh_from_db()
    assert (tenant.event_types, Webhook.objects.count()) == ([], 0)


def test_operators_try_failed_messages_again(world: World, tenant: Tenant) -> None:
    Message.objects.update(state=Passage.FAILED)
    page = reverse("admin:provisioning_message_press", args=[world.message.pk, "again"])

    assert sign_in(tenant, "vera", role="viewer").post(page).status_code == 403
    assert sign_in(tenant, "otto", role="operator").post(page).status_code == 302
    assert Message.objects.get().state == Passage.PENDING


def test_only_administrators_make_webhooks(tenant: Tenant, world: World) -> None:
    for role in ("viewer", "operator"):
        client = sign_in(tenant, role, role=role)
        assert client.get(f"{HOOKS}{world.webhook.pk}/change/").status_code == 200
        assert client.post(f"{HOOKS}add/", {"name": "x"}).status_code == 403
        pressed = client.post(f"{HOOKS}{world.webhook.pk}/press/test/")
        assert pressed.status_code == 403
