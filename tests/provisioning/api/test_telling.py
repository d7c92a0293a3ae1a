"""Webhooks and notifications over the API: by role, by tenant, without secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from idp.models import Tenant
from provisioning import webhooks
from provisioning.models import Cause, Message, Notification, Severity, Webhook
from provisioning.notifications import Alarm, raise_alarms
from tests.factories import make_operator
from tests.provisioning.api.conftest import Api
from tests.provisioning.inbound.calls import basic

SECRET = "whsec_" + "A" * 32
NEW = {"name": "siem", "url": "https://siem.example/hook", "secret": SECRET}


def alarm(tenant: Tenant, key: str = "quarantine/1", **fields: Any) -> None:
    told = {"title": "partner/scim2 is quarantined", "text": "401", **fields}
    raise_alarms([Alarm(tenant, Cause.QUARANTINE, key, Severity.CRITICAL, **told)])


def test_a_webhook_lives_and_its_secret_is_never_told(api: Api, tenant: Tenant) -> None:
    made = api.post("webhooks/", {**NEW, "events": ["job.failed", "guard.held"]})

    assert made.status_code == 201, made.content
    told = made.json()
    assert told["events"] == ["job.failed", "guard.held"]
    assert "secret" not in told
    tenant.refresh_from_db()
    assert tenant.event_types == ["guard.held", "job.failed"]

    again = api.put(f"webhooks/{told['id']}/", {**told, "events": "all", "batched": True})
    assert again.status_code == 200, again.content
    assert again.json()["batched"] is True
    tenant.refresh_from_db()
    assert tenant.event_types == ["*"]
    assert Webhook.objects.get().secrets[0]["secret"] == SECRET

    assert api.delete("webhooks/siem/").status_code == 204
    tenant.refresh_from_db()
    assert (tenant.event_types, Webhook.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "ftp://siem.example/"}, "url"),
        ({"url": "https://user:secret@siem.example/"}, "url"),
        ({"url": "https://[::1"}, "url"),
        ({"secret": "too-short"}, "secret"),
        ({"secret": "whsec_AAAA"}, "secret"),
        ({"events": ["job.vanished"]}, "events[0]"),
        ({"events": []}, "events"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named(api: Api, change: dict[str, Any], field: str) -> None:
    answer = api.post("webhooks/", {**NEW, **change})

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert SECRET not in answer.content.decode()


def test_a_new_webhook_needs_a_secret(api: Api) -> None:
    answer = api.post("webhooks/", {"name": "siem", "url": "https://siem.example/"})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "secret", "detail": "a new webhook needs one"}]


def test_a_test_event_is_queued_and_listed(api: Api) -> None:
    api.post("webhooks/", NEW)

    sent = api.post("webhooks/siem/test/")
    assert sent.status_code == 200, sent.content
    assert sent.json()["about"] == "webhook.test"
    listed = api.get("webhooks/siem/messages/").json()["results"]
    assert [one["id"] for one in listed] == [sent.json()["id"]]
    body = json.loads(Message.objects.get().body)
    assert body["type"] == "purveyor.webhook.test"

    api.patch("webhooks/siem/", {"enabled": False})
    assert api.post("webhooks/siem/test/").status_code == 409


def test_notifications_are_listed_by_state(api: Api, tenant: Tenant) -> None:
    alarm(tenant)
    alarm(tenant)
    alarm(tenant, "quarantine/2")
    Notification.objects.filter(key="quarantine/2").update(resolved="2026-01-01T00:00:00Z")

    assert api.get("notifications/").json()["count"] == 2
    [told] = api.get("notifications/?state=open&severity=critical").json()["results"]
    assert told["title"] == "partner/scim2 is quarantined"
    assert api.get(f"notifications/{told['id']}/").json() == told
    assert api.get("notifications/?cause=rain").status_code == 400


def test_recipients_are_operators_with_what_they_want(api: Api, tenant: Tenant) -> None:
    made = api.post("notifications/recipients/", {"operator": "ops", "email": ["critical"]})
    assert made.status_code == 201, made.content
    assert made.json() | {"id": ""} == {
        "id": "",
        "operator": "ops",
        "email": ["critical"],
        "resolved": False,
    }
    changed = api.patch("notifications/recipients/ops/", {"email": [], "resolved": True})
    assert (changed.json()["email"], changed.json()["resolved"]) == ([], True)
    nobody = api.put("notifications/recipients/nobody/", {"email": []})
    assert nobody.status_code == 400


def test_other_tenants_have_others(api: Api, other_tenant: Tenant) -> None:
    alarm(other_tenant)
    row = Webhook(tenant=other_tenant, name="theirs", url="https://theirs.example/")
    webhooks.set_secret(row, SECRET)
    webhooks.save(row)
    theirs = Notification.objects.get()

    assert api.get("notifications/").json()["results"] == []
    assert api.get("webhooks/").json()["results"] == []
    for path in (f"webhooks/{row.pk}/", "webhooks/theirs/", f"notifications/{theirs.pk}/"):
        assert api.get(path).status_code == 404
    assert api.delete("webhooks/theirs/").status_code == 404
    assert api.post(f"webhooks/{row.pk}/test/").status_code == 404


def test_viewers_read_and_only_administrators_configure(api: Api, tenant: Tenant) -> None:
    api.post("webhooks/", NEW)
    for role in ("viewer", "operator"):
        make_operator(tenant, role, role=role)
        other = Api(basic(role))
        assert other.get("webhooks/siem/").status_code == 200
        assert other.get("notifications/").status_code == 200
        assert other.patch("webhooks/siem/", {"enabled": False}).status_code == 403
        assert other.post("webhooks/", {**NEW, "name": "b"}).status_code == 403
        assert other.put("notifications/recipients/ops/", {"email": []}).status_code == 403
