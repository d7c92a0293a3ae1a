"""Attempts: begun by a browser, answered once, gone on with once, and by that browser only."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from idp.models import IdentityProvider, new_id
from provisioning.inbound.login import browsers
from provisioning.inbound.login.protocol import Answer, Begun
from provisioning.inbound.login.stops import NotLetIn, TooMany, WrongRequest
from provisioning.models import LoginAttempt, LoginCode, Purpose
from serviceproviders.models import ServiceProvider

LIFE = timedelta(minutes=15)
"""From the begin to the answer, and from the answer to the end."""
MINUTE = timedelta(minutes=1)
PER_ADDRESS = 300
"""Logins begun from one network address within a minute; an office may be behind one."""
AT_ONCE = 5_000
GONE = "This login is not good any more: it was used, or took too long. Sign in again."


@dataclass(frozen=True, slots=True)
class Wish:
    """What a login is begun for. `application_state` goes back as it came."""

    service_provider: ServiceProvider
    purpose: Purpose = Purpose.LOGIN
    redirect_uri: str = ""
    application_state: str = ""
    operator_id: Any = None


def new_state() -> str:
    return secrets.token_urlsafe(32)


def check_rate(request: HttpRequest, provider: IdentityProvider) -> None:
    """Raises `TooMany`. Counted in the database, so by all processes together."""
    lately = LoginAttempt.objects.filter(
        tenant=provider.tenant,
        address=_address(request),
        created__gt=timezone.now() - MINUTE,
    )
    if lately[:PER_ADDRESS].count() >= PER_ADDRESS:
        raise TooMany("Too many logins were begun from your network; try again in a minute.")


def start(
    request: HttpRequest,
    provider: IdentityProvider,
    wish: Wish,
    state: str,
    begun: Begun,
    browser: str,
) -> LoginAttempt:
    now = timezone.now()
    row = LoginAttempt(
        id=new_id(),
        tenant=provider.tenant,
        provider=provider,
        service_provider=wish.service_provider,
        purpose=wish.purpose,
        state_digest=browsers.digest(state),
        browser_digest=browsers.digest(browser),
        redirect_uri=wish.redirect_uri,
        application_state=wish.application_state,
        operator_id=wish.operator_id,
        address=_address(request),
        created=now,
        expires=now + LIFE,
    )
    row.kept = dict(begun.kept)
    row.save(force_insert=True)
    return row


def take(
    provider: IdentityProvider, state: str, request: HttpRequest | None = None
) -> LoginAttempt:
    """The attempt that an answer belongs to, once: at this identity provider, and, with a
    request, of its browser. Raises `Stop`."""
    row = _open(provider, state, request)
    taken = _rows().filter(pk=row.pk, answered=None).update(answered=timezone.now())
    if not taken:
        raise WrongRequest(GONE)
    return row


def keep(row: LoginAttempt, answer: Answer) -> None:
    """The answer, until the person has gone on with it."""
    row.kept = {"answer": asdict(answer)}
    row.expires = timezone.now() + LIFE
    row.save(update_fields=["sealed_kept", "expires"])


def kept(provider: IdentityProvider, state: str, request: HttpRequest) -> LoginAttempt:
    """An attempt of this browser whose answer is kept, and has not been gone on with.
    Raises `Stop`."""
    row = _open(provider, state, request)
    if row.finished is not None or "answer" not in row.kept:
        raise WrongRequest(GONE)
    return row


def answer_of(row: LoginAttempt) -> Answer:
    return Answer(**row.kept["answer"])


def finish(row: LoginAttempt) -> None:
    """Go on with it: whoever comes second is refused. Raises `WrongRequest`."""
    if not _rows().filter(pk=row.pk, finished=None).update(finished=timezone.now()):
        raise WrongRequest(GONE)


def reopen(row: LoginAttempt) -> None:
    """Nothing came of it, and the person may try again."""
    _rows().filter(pk=row.pk).update(finished=None)


def forget(row: LoginAttempt) -> None:
    """It is over: nothing of what was said is kept."""
    row.delete()


def forget_old() -> bool:
    """A batch of attempts and codes that are not good any more; True when there may be more."""
    now = timezone.now()
    return any([_prune(_rows(), now), _prune(LoginCode.objects.all(), now)])


def _prune(rows: QuerySet[Any], now: datetime) -> bool:
    old = rows.filter(expires__lt=now).order_by("expires")
    ids = list(old.values_list("pk", flat=True)[:AT_ONCE])
    rows.filter(pk__in=ids).delete()
    return len(ids) == AT_ONCE


def _rows() -> QuerySet[LoginAttempt]:
    return LoginAttempt.objects.all()


def _open(provider: IdentityProvider, state: str, request: HttpRequest | None) -> LoginAttempt:
    rows = _rows().select_related("service_provider__tenant", "service_provider__user_store")
    row = rows.filter(
        state_digest=browsers.digest(state), provider=provider, expires__gt=timezone.now()
    ).first()
    if row is None:
        raise WrongRequest(GONE)
    row.provider, row.tenant = provider, provider.tenant
    if request is not None:
        browser = browsers.digest(browsers.known(request))
        if not hmac.compare_digest(browser, bytes(row.browser_digest)):
            raise NotLetIn(
                "This login was begun in another browser, or cookies are switched off here. "
                "Sign in again from the start."
            )
    return row


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")[:45]
