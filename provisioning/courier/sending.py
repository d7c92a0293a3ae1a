"""One attempt at a message. Touches no database, and never raises."""

from __future__ import annotations

import json
import logging
import smtplib
import threading
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from connectors import ConnectorError
from connectors.http import Http
from connectors.retry_after import retry_after
from provisioning.courier.claiming import Claim
from provisioning.models import Channel
from provisioning.webhooks import sign

log = logging.getLogger(__name__)

TIMEOUT = 15.0
"""Seconds a receiver has to answer."""

GONE = 410
"""The receiver does not want anything any more."""

MEDIA = {True: "application/cloudevents-batch+json", False: "application/cloudevents+json"}
"""By whether the webhook takes batches."""

_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an attempt. `receiver_down`: another message would do no better.
    `hopeless`: nor would this one later."""

    claim: Claim
    sent: bool
    reason: str = ""
    status: int | None = None
    receiver_down: bool = False
    hopeless: bool = False
    retry_after: float | None = None
    exchange: dict[str, Any] | None = None


def send(claim: Claim) -> Report:
    try:
        if claim.message.channel == Channel.EMAIL:
            return _mail(claim)
        return _post(claim)
    except Exception:
        log.exception("message %s could not be sent", claim.message.pk)
        return Report(claim, sent=False, reason="unexpected error; the log has it")


def _post(claim: Claim) -> Report:
    if not claim.keys:
        reason = "its secret was sealed with a key that is not in PURVEYOR_SECRET_KEYS"
        return Report(claim, sent=False, reason=reason, receiver_down=True)
    message, http = claim.message, _http()
    body = message.body.encode()
    batched = message.body.startswith("[")
    headers = {
        "Content-Type": f"{MEDIA[batched]}; charset=utf-8",
        **sign(claim.keys, str(message.pk), timezone.now(), body),
    }
    http.reset()
    try:
        answer = http.request("POST", claim.address, headers=headers, body=body)
    except ConnectorError as error:
        return Report(
            claim,
            sent=False,
            reason=str(error),
            status=error.status,
            receiver_down=True,
            exchange=_exchange(http),
        )
    status = answer.status
    return Report(
        claim,
        sent=answer.ok,
        reason="" if answer.ok else f"answered {status}",
        status=status,
        receiver_down=status >= 500 or status in (401, 403, 404, 429, GONE),
        retry_after=None if answer.ok else retry_after(answer.headers),
        exchange=_exchange(http),
    )


def _http() -> Http:
    """This thread's; connections are kept alive."""
    known: Http | None = getattr(_thread, "http", None)
    allow = settings.PURVEYOR_ALLOW_PRIVATE_TARGETS
    if known is None or known.allow_private != allow:
        known = _thread.http = Http(allow_private=allow, timeout=TIMEOUT)
    return known


def _exchange(http: Http) -> dict[str, Any] | None:
    return http.exchanges[-1].document() if http.exchanges else None


def _mail(claim: Claim) -> Report:
    if not claim.address:
        return Report(claim, sent=False, reason="the operator has no address", hopeless=True)
    if claim.message.sign_up_id is not None and not claim.link:
        return Report(claim, sent=False, reason="there is nothing to confirm", hopeless=True)
    told = json.loads(claim.message.body)
    mail = EmailMessage(
        told["subject"],
        told["text"].replace("{link}", claim.link),
        to=[claim.address],
        headers={
            # The same for each try: who gets it twice can tell.
            "Message-ID": f"<{claim.message.pk}@purveyor>",
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        [(code, text)] = list(error.recipients.values())[:1]
        reason = f"the mail server refused the address: {code} {text.decode(errors='replace')}"
        return Report(claim, sent=False, reason=reason, hopeless=code >= 500)
    except (smtplib.SMTPException, OSError) as error:
        return Report(claim, sent=False, reason=f"the mail server: {error}")
    return Report(claim, sent=True)
