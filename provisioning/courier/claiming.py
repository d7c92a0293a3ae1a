"""Leasing messages that are due: a few of each receiver, so that none keeps others waiting."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from idp.models import new_id
from idp.secrets import CannotOpen
from provisioning.models import Message, Passage, SignUp, Webhook
from provisioning.webhooks.subscriptions import signing_keys

LEASE = timedelta(seconds=60)
"""Longer than an attempt may take."""

AT_A_TIME = 4
"""Requests to one receiver at a time; one while it fails."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send, with all that is needed for it."""

    message: Message
    token: uuid.UUID
    address: str
    keys: tuple[str, ...] = ()
    link: str = field(default="", repr=False)
    """To be put into an e-mail; it is a secret, and so not in the message's text."""


Receiver = uuid.UUID | None
"""A webhook, or the mail server."""


def claim(room: int, busy: Mapping[Receiver, int]) -> list[Claim]:
    """As many as there is room for; `busy` says how many are under way to whom."""
    claims: list[Claim] = []
    now = timezone.now()
    for receiver, most in _receivers(now):
        free = min(room - len(claims), most - busy.get(receiver, 0))
        if free > 0:
            claims += _take(receiver, free, now)
    return claims


def under_way(claims: list[Claim]) -> Counter[Receiver]:
    return Counter(claim.message.webhook_id for claim in claims)


def due(now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(state=Passage.PENDING, not_before__lte=now)


def _receivers(now: datetime) -> list[tuple[Receiver, int]]:
    waiting = Exists(due(now).filter(webhook=OuterRef("pk")))
    rested = Q(rests_until=None) | Q(rests_until__lte=now)
    webhooks = Webhook.objects.filter(waiting, rested, enabled=True)
    found: list[tuple[Receiver, int]] = [
        (pk, 1 if failures else AT_A_TIME)
        for pk, failures in webhooks.order_by("?").values_list("pk", "failures")
    ]
    mails = due(now).filter(webhook=None).exists()
    return [(None, 2), *found] if mails else found


def _take(receiver: Receiver, many: int, now: datetime) -> list[Claim]:
    token = new_id()
    with transaction.atomic():
        rows = due(now).filter(webhook=receiver).order_by("not_before", "id")
        locked = rows.select_related("webhook", "operator", "sign_up").select_for_update(
            skip_locked=True, of=("self",)
        )
        messages = list(locked[:many])
        Message.objects.filter(pk__in=[one.pk for one in messages]).update(
            lease_token=token, not_before=now + LEASE, attempts=F("attempts") + 1
        )
    for message in messages:
        message.attempts += 1
    return [_claim(message, token, now) for message in messages]


def _claim(message: Message, token: uuid.UUID, now: datetime) -> Claim:
    if message.webhook is not None:
        return Claim(message, token, message.webhook.url, _keys(message.webhook, now))
    if message.sign_up is not None:
        return Claim(message, token, message.sign_up.email, link=_link(message.sign_up))
    return Claim(message, token, message.operator.email if message.operator else "")


def _link(row: SignUp) -> str:
    """Empty when there is nothing to confirm any more, or the key is lost."""
    try:
        token = row.given.get("token", "")
    except CannotOpen:
        return ""
    return f"{settings.PURVEYOR_BASE_URL}/sign-up/{token}/" if token else ""


def _keys(webhook: Webhook, now: datetime) -> tuple[str, ...]:
    """None where they were sealed with a key that is lost: nothing is sent unsigned."""
    try:
        return tuple(signing_keys(webhook, now))
    except CannotOpen:
        return ()
