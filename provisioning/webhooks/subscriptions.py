"""Storing webhooks, and keeping in their tenant's row which events somebody waits for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from idp.models import Tenant
from idp.secrets import CannotOpen
from provisioning.events import EVERYTHING
from provisioning.models import Webhook
from provisioning.webhooks import keys

BOTH = timedelta(hours=24)
"""How long the secret before the newest signs as well."""


def save(row: Webhook) -> None:
    """Store it. Raises `ValidationError` for an address that cannot be one."""
    if wrong := problem_with(row.url):
        raise ValidationError({"url": wrong})
    with transaction.atomic():
        # What was changed is tried at once.
        row.rests_until = None
        if row.enabled and row.disabled_because:
            row.disabled_because = ""
            row.failures, row.failing_since = 0, None
        row.save()
        follow(row.tenant)


def remove(row: Webhook) -> None:
    """With what was on its way to it."""
    with transaction.atomic():
        tenant = row.tenant
        row.delete()
        follow(tenant)


def disable(row: Webhook, because: str) -> None:
    """It has not worked for so long that nothing is sent any more."""
    with transaction.atomic():
        row.enabled, row.disabled_because = False, because
        row.save(update_fields=["enabled", "disabled_because", "modified"])
        follow(row.tenant)


def set_secret(row: Webhook, secret: str, *, now: datetime | None = None) -> bool:
    """Sign with this secret from now on; the one before signs as well for a day. Not stored
    yet. False when it is the newest already. Raises `keys.InvalidKey`."""
    keys.check(secret)
    now = now or timezone.now()
    known = _known(row)
    if known and known[0]["secret"] == secret:
        return False
    fresh = {"secret": secret, "until": None}
    before = [{**known[0], "until": (now + BOTH).isoformat()}] if known else []
    row.secrets = [fresh, *before]
    return True


def _known(row: Webhook) -> list[dict[str, Any]]:
    """The secrets there are; none whose key is lost: nothing was signed with them since."""
    try:
        return row.secrets if row.sealed_secrets else []
    except CannotOpen:
        return []


def can_sign(row: Webhook) -> bool:
    """False when its secret was sealed with a key that is lost: it needs a new one."""
    return bool(_known(row))


def signing_keys(row: Webhook, now: datetime) -> list[str]:
    return [
        one["secret"]
        for one in row.secrets
        if one["until"] is None or datetime.fromisoformat(one["until"]) > now
    ]


def follow(tenant: Tenant) -> None:
    """Write into the tenant's row what its webhooks wait for. Within a transaction."""
    locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    rows = Webhook.objects.filter(tenant=tenant, enabled=True)
    wanted: set[str] = set()
    for events in rows.values_list("events", flat=True):
        wanted |= {EVERYTHING} if events == "all" else set(events)
    types = sorted(wanted)
    if locked.event_types != types:
        Tenant.objects.filter(pk=tenant.pk).update(event_types=types)
    tenant.event_types = types


def problem_with(url: str) -> str:
    """Why it is no address to send to; "" when it is one. Where it leads is judged each
    time it is called."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("https", "http") or not host or any(c.isspace() for c in url):
        return "must be a whole address that starts with https:// or http://"
    if parts.username is not None or parts.password is not None:
        return "must not hold a user name or password: messages are signed"
    return ""
