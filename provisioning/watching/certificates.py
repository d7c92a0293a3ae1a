"""Certificates of identity providers that are about to expire, or have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography import x509
from django.utils import timezone

from idp.models import IdentityProvider
from provisioning import alarms
from provisioning.models import Cause, Notification
from provisioning.notifications import Alarm, raise_alarms, resolve

SOON = timedelta(days=30)


def look_at_certificates() -> None:
    now = timezone.now()
    rows = IdentityProvider.objects.filter(retired_at=None, enabled=True).exclude(
        certificate=""
    )
    found = [alarm for row in rows.select_related("tenant") for alarm in _alarms(row, now)]
    keys = {alarm.key for alarm in found}
    resolve(Notification.objects.filter(cause=Cause.CERTIFICATE).exclude(key__in=keys))
    raise_alarms(found)


def _alarms(provider: IdentityProvider, now: datetime) -> Iterator[Alarm]:
    """None while a certificate stands there that is good for longer."""
    ends = expiries(provider.certificate)
    last = max(ends, default=None)
    if last is not None and last - now <= SOON:
        yield alarms.certificate(provider, last, (last - now).days)


def expiries(pem: str) -> list[datetime]:
    """When each certificate expires; a text that holds none has none."""
    try:
        return [
            one.not_valid_after_utc for one in x509.load_pem_x509_certificates(pem.encode())
        ]
    except ValueError:
        return []
