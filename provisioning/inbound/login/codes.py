"""One-time codes: the browser carries them to the application, which redeems them here."""

from __future__ import annotations

import secrets
from datetime import timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.utils import timezone

from idp.models import new_id
from provisioning.changes import outcome_header
from provisioning.inbound.login.browsers import digest
from provisioning.jit import SignedIn
from provisioning.models import LoginAttempt, LoginCode
from serviceproviders.models import ServiceProvider

LIFE = timedelta(seconds=60)


class NotGood(Exception):
    """There is no such code, or not any more, or it is somebody else's; a sentence."""


def issue(row: LoginAttempt, subject: str, done: SignedIn) -> str:
    """The address of the application, with a code for it and the state it gave."""
    code = secrets.token_urlsafe(32)
    LoginCode.objects.create(
        id=new_id(),
        tenant=row.tenant,
        provider=row.provider,
        service_provider=row.service_provider,
        digest=digest(code),
        redirect_uri=row.redirect_uri,
        user_id=done.user_id,
        subject=subject,
        made=done.created,
        outcome=outcome_header(done.outcomes),
        expires=timezone.now() + LIFE,
    )
    return returning(row, code=code)


def returning(row: LoginAttempt, **told: str) -> str:
    """The address of the application, with its state."""
    if row.application_state:
        told["state"] = row.application_state
    parts = urlsplit(row.redirect_uri)
    query = "&".join(part for part in (parts.query, urlencode(told)) if part)
    return urlunsplit(parts._replace(query=query))


def redeem(service_provider: ServiceProvider, code: str, redirect_uri: str) -> LoginCode:
    """Once. Raises `NotGood`, and then the code is as it was."""
    rows = LoginCode.objects.filter(
        digest=digest(code),
        service_provider=service_provider,
        redirect_uri=redirect_uri,
        expires__gt=timezone.now(),
        redeemed=None,
    )
    row = rows.select_related("provider").first()
    if row is None or not rows.update(redeemed=timezone.now()):
        raise NotGood(
            "There is no such code for this client and redirect_uri, or it was redeemed, or "
            "is older than a minute."
        )
    return row
