"""Writing down what became of attempts, and how the receivers do."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from provisioning import alarms
from provisioning.courier.sending import GONE, Report
from provisioning.models import Message, Passage, Webhook
from provisioning.notifications import raise_alarms
from provisioning.webhooks import disable

log = logging.getLogger(__name__)

BACK_OFF_FIRST = 5.0
BACK_OFF_LONGEST = 3600.0
REST_LONGEST = 600.0
PATIENCE = timedelta(days=3)
"""A webhook that fails for so long is disabled."""

COLUMNS = [
    "state", "reason", "status", "exchange", "not_before", "finished", "lease_token",
]  # fmt: skip


def settle(reports: Sequence[Report]) -> None:
    """Only those that are still leased under the token they were sent with."""
    if not reports:
        return
    now = timezone.now()
    with transaction.atomic():
        ours = Message.objects.filter(pk__in=[one.claim.message.pk for one in reports])
        tokens = dict(ours.select_for_update().values_list("pk", "lease_token"))
        held = [one for one in reports if tokens.get(one.claim.message.pk) == one.claim.token]
        for report in held:
            _bring(report.claim.message, report, now)
        Message.objects.bulk_update([one.claim.message for one in held], COLUMNS)
        by_webhook: dict[Webhook, list[Report]] = {}
        for report in held:
            if report.claim.message.webhook is not None:
                by_webhook.setdefault(report.claim.message.webhook, []).append(report)
        for webhook, theirs in by_webhook.items():
            _note(webhook, theirs, now)
    for report in held:
        _log(report)


def _bring(message: Message, report: Report, now: datetime) -> None:
    message.status, message.exchange = report.status, report.exchange
    message.reason, message.lease_token = report.reason, None
    again = now + timedelta(seconds=_pause(message.attempts, report.retry_after))
    if report.sent:
        message.state, message.finished = Passage.SENT, now
    elif report.hopeless or again > message.give_up_at:
        message.state, message.finished = Passage.FAILED, now
        if not report.hopeless:
            message.reason = f"gave up after a day: {report.reason}"
    else:
        message.not_before = again


def _pause(attempts: int, asked: float | None) -> float:
    """Exponential with jitter between half and whole; at least what was asked for."""
    longest = min(BACK_OFF_FIRST * 2.0 ** min(attempts - 1, 20), BACK_OFF_LONGEST)
    return max(random.uniform(longest / 2, longest), asked or 0.0)  # noqa: S311 jitter


def _note(webhook: Webhook, reports: Sequence[Report], now: datetime) -> None:
    """How the webhook does, by its last attempts. Raises an alarm when it is disabled."""
    row = Webhook.objects.select_for_update(of=("self",)).select_related("tenant")
    found = row.filter(pk=webhook.pk).first()
    if found is None:
        return
    down = [report for report in reports if report.receiver_down]
    if any(report.sent for report in reports):
        found.failures, found.failing_since, found.rests_until = 0, None, None
        found.last_success = now
    elif down:
        found.failures = min(found.failures + 1, 1_000)
        found.failing_since = found.failing_since or now
        rest = min(2.0 ** min(found.failures, 20), REST_LONGEST)
        asked = max((report.retry_after or 0.0 for report in down), default=0.0)
        found.rests_until = now + timedelta(seconds=max(rest, asked))
    found.save(update_fields=["failures", "failing_since", "rests_until", "last_success"])
    if found.enabled and (because := _hopeless(found, down, now)):
        disable(found, because)
        raise_alarms([alarms.webhook_disabled(found, because)])


def _hopeless(webhook: Webhook, down: Sequence[Report], now: datetime) -> str:
    if any(report.status == GONE for report in down):
        return "It answered 410: it wants nothing any more."
    since = webhook.failing_since
    if down and since is not None and now - since > PATIENCE:
        return f"Nothing has reached it for {PATIENCE.days} days. Last: {down[-1].reason}."
    return ""


def _log(report: Report) -> None:
    if not report.sent:
        message = report.claim.message
        log.warning(
            "message %s (%s) not delivered: %s", message.pk, message.about, report.reason
        )
