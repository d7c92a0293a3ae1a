"""Certificates of identity providers that are about to expire, or have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from cryptography import x509
from django.db.models import Q
from django.utils import timezone

from idp.authenticators import SAML, MetadataRefused, read_metadata
from idp.models import IdentityProvider
from provisioning import alarms
from provisioning.models import Cause, Notification
from provisioning.notifications import Alarm, raise_alarms, resolve

SOON = timedelta(days=30)


def look_at_certificates() -> None:
    now = timezone.now()
    signs = Q(authenticator__type=SAML) | ~Q(certificate="")
    rows = IdentityProvider.objects.filter(signs, retired_at=None, enabled=True)
    rows = rows.select_related("tenant", "authenticator")
    found = [alarm for row in rows for alarm in _alarms(row, now)]
    keys = {alarm.key for alarm in found}
    resolve(Notification.objects.filter(cause=Cause.CERTIFICATE).exclude(key__in=keys))
    raise_alarms(found)


def _alarms(provider: IdentityProvider, now: datetime) -> Iterator[Alarm]:
    """None while a certificate stands there that is good for longer."""
    ends = [
        max(given) for given in (expiries(provider.certificate), [*_told(provider)]) if given
    ]
    last = min(ends, default=None)
    if last is not None and last - now <= SOON:
        yield alarms.certificate(provider, last, (last - now).days)


def _told(provider: IdentityProvider) -> Iterator[datetime]:
    """When the certificates of its SAML metadata expire, none later than the metadata."""
    authenticator = getattr(provider, "authenticator", None)
    if authenticator is None or authenticator.type != SAML:
        return
    with suppress(MetadataRefused):
        settings = authenticator.known_settings or {}
        told = read_metadata(settings.get("metadata", ""))
        for one in told.certificates:
            yield min(one.not_valid_after_utc, told.valid_until or one.not_valid_after_utc)


def expiries(pem: str) -> list[datetime]:
    """When each certificate expires; a text that holds none has none."""
    try:
        return [
            one.not_valid_after_utc for one in x509.load_pem_x509_certificates(pem.encode())
        ]
    except ValueError:
        return []
