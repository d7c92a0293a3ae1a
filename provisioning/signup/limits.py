"""How often one may ask: counted in the database, so by all processes together."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from idp.models import Tenant
from provisioning.models import SignUp

HOUR = timedelta(hours=1)
PER_ADDRESS = 20
"""Sign-ups from one network address within an hour."""
PER_EMAIL = 3
"""Mails to one e-mail address within an hour."""


def exceeded(tenant: Tenant, address: str, email_key: str, now: datetime) -> int:
    """Seconds to wait; 0 when it is not too often."""
    lately = SignUp.objects.filter(tenant=tenant, created__gt=now - HOUR)
    waits = [_wait(lately.filter(email_key=email_key), PER_EMAIL, now)]
    if address:
        waits.append(_wait(lately.filter(address=address), PER_ADDRESS, now))
    return max(waits)


def _wait(rows: QuerySet[SignUp], most: int, now: datetime) -> int:
    newest = list(rows.order_by("-created").values_list("created", flat=True)[:most])
    if len(newest) < most:
        return 0
    return max(1, round((newest[-1] + HOUR - now).total_seconds()))
