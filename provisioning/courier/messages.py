"""Making messages: what an event is as a CloudEvent, what a notification is as an e-mail."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from idp.models import Operator, Tenant, new_id
from provisioning import events
from provisioning.models import (
    Channel,
    Event,
    Message,
    Notification,
    Passage,
    SignUp,
    Webhook,
)
from provisioning.notifications import address_of

LIFE = timedelta(hours=24)
"""How long a message is tried."""

PREFIX = "purveyor."
"""Before the type of every event on the wire."""


def to_webhook(webhook: Webhook, told: Sequence[Event]) -> Message:
    """One request: the events as a JSON array where the webhook takes batches."""
    documents = [cloud_event(event, webhook.tenant) for event in told]
    body = orjson.dumps(documents if webhook.batched else documents[0]).decode()
    types = sorted({event.type for event in told})
    return _message(
        webhook.tenant,
        channel=Channel.WEBHOOK,
        webhook=webhook,
        about=", ".join(types)[:255],
        events=len(told),
        body=body,
    )


def cloud_event(event: Event, tenant: Tenant) -> dict[str, Any]:
    """CloudEvents 1.0, the JSON format."""
    return {
        "specversion": "1.0",
        "id": str(event.pk),
        "source": f"{settings.PURVEYOR_BASE_URL}/t/{tenant.domain}",
        "type": f"{PREFIX}{event.type}",
        "subject": event.subject,
        "time": event.at.isoformat(),
        "datacontenttype": "application/json",
        "data": event.data,
    }


def to_operator(operator: Operator, row: Notification, *, over: bool) -> Message:
    subject = f"Resolved: {row.title}" if over else row.title
    lines = [
        row.text,
        "",
        f"How many: {row.count}" if row.count > 1 else "",
        f"Severity: {row.get_severity_display()}",
        f"Tenant: {row.tenant.domain}",
        f"Since: {row.opened:%Y-%m-%d %H:%M} UTC",
        f"Until: {row.resolved:%Y-%m-%d %H:%M} UTC" if over and row.resolved else "",
        "",
        f"What helps: {address_of(row.link)}",
    ]
    text = "\n".join(line for i, line in enumerate(lines) if line or i in (1, 7))
    return _message(
        row.tenant,
        channel=Channel.EMAIL,
        operator=operator,
        notification=row,
        about=subject[:255],
        body=json.dumps({"subject": f"[Purveyor] {subject}", "text": text}),
    )


def confirmation(row: SignUp) -> Message:
    """The mail to somebody who signed up; the link is put in when it is sent."""
    text = (
        f"Somebody, you we hope, signed up as {row.username} with this address.\n\n"
        "Follow this link and press the button, and the account is made. If it was not you, "
        "do nothing.\n\n{link}\n\n"
        f"The link is good until {row.expires:%Y-%m-%d %H:%M} UTC."
    )
    return _message(
        row.tenant,
        channel=Channel.EMAIL,
        sign_up=row,
        about=f"Sign-up of {row.username}"[:255],
        body=json.dumps({"subject": "Confirm your account", "text": text}),
    )


def test_webhook(webhook: Webhook, *, actor: str) -> Message:
    """Queue an event that only says that it is a test."""
    event = Event(
        id=new_id(),
        tenant=webhook.tenant,
        type=events.TEST,
        subject=f"webhooks/{webhook.pk}",
        at=timezone.now(),
        data={"webhook": webhook.name, "asked_by": actor},
    )
    message = to_webhook(webhook, [event])
    message.save(force_insert=True)
    # Whoever presses the button wants to know now.
    Webhook.objects.filter(pk=webhook.pk).update(rests_until=None)
    return message


def ask_again(rows: QuerySet[Message]) -> int:
    """Try failed messages for another day; how many."""
    now = timezone.now()
    return rows.filter(state=Passage.FAILED).update(
        state=Passage.PENDING,
        attempts=0,
        not_before=now,
        give_up_at=now + LIFE,
        finished=None,
        lease_token=None,
    )


def _message(tenant: Tenant, **fields: Any) -> Message:
    now: datetime = timezone.now()
    return Message(
        id=new_id(),
        tenant=tenant,
        not_before=now,
        give_up_at=now + LIFE,
        created=now,
        **fields,
    )
