"""Events become messages: one for each webhook that waits for the type."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from django.db import transaction

from idp import bulk
from provisioning.courier.messages import to_webhook
from provisioning.models import Event, Message, Webhook

AT_ONCE = 500
BATCH = 100
"""Events in one request, at most."""


def spread() -> bool:
    """Take some events, in a constant number of statements; whether there were any."""
    if not Event.objects.exists():
        return False
    with transaction.atomic():
        taken = list(Event.objects.order_by("id").select_for_update(skip_locked=True)[:AT_ONCE])
        by_tenant: dict[uuid.UUID, list[Event]] = {}
        for event in taken:
            by_tenant.setdefault(event.tenant_id, []).append(event)
        webhooks = Webhook.objects.filter(enabled=True, tenant__in=by_tenant)
        bulk.insert(
            [
                message
                for webhook in webhooks.select_related("tenant")
                for message in _messages(webhook, by_tenant[webhook.tenant_id])
            ]
        )
        Event.objects.filter(pk__in=[event.pk for event in taken]).delete()
    return bool(taken)


def _messages(webhook: Webhook, events: Sequence[Event]) -> Iterator[Message]:
    wanted = [one for one in events if webhook.events == "all" or one.type in webhook.events]
    size = BATCH if webhook.batched else 1
    for start in range(0, len(wanted), size):
        yield to_webhook(webhook, wanted[start : start + size])
