"""What `/metrics` tells of notifications and of what is on its way to the outside."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from idp.models import Tenant
from provisioning.models import Channel, Message, Notification, Passage, Severity, Webhook


def collect() -> Iterator[Metric]:
    yield _notifications()
    yield from _messages()
    yield _webhooks()


def _notifications() -> Metric:
    family = GaugeMetricFamily(
        "purveyor_notifications_open",
        "Notifications whose cause is there, by severity.",
        labels=["tenant", "severity"],
    )
    rows = Notification.objects.filter(resolved=None).order_by()
    grouped = rows.values_list("tenant__domain", "severity").annotate(n=Count("*"))
    counted = {(domain, severity): n for domain, severity, n in grouped}
    for domain in Tenant.objects.order_by("domain").values_list("domain", flat=True):
        for severity in Severity:
            count = counted.get((domain, severity.value), 0)
            family.add_metric([domain, severity.value], count)
    return family


def _messages() -> Iterator[Metric]:
    """Sent ones are forgotten after a week: only what is not sent is told."""
    counts = GaugeMetricFamily(
        "purveyor_messages",
        "E-mails and messages to webhooks that wait, or were given up lately.",
        labels=["channel", "state"],
    )
    age = GaugeMetricFamily(
        "purveyor_messages_oldest_waiting_seconds",
        "How long ago the oldest message that waits was made; 0 when none waits.",
        labels=["channel"],
    )
    now = timezone.now()
    rows = Message.objects.filter(state__in=[Passage.PENDING, Passage.FAILED]).order_by()
    grouped = rows.values_list("channel", "state").annotate(n=Count("*"), first=Min("created"))
    found = {(channel, state): (n, first) for channel, state, n, first in grouped}
    for channel in Channel:
        for state in (Passage.PENDING, Passage.FAILED):
            count, first = found.get((channel.value, state.value), (0, now))
            counts.add_metric([channel.value, state.value], count)
            if state is Passage.PENDING:
                age.add_metric([channel.value], max(0.0, (now - first).total_seconds()))
    yield counts
    yield age


def _webhooks() -> Metric:
    family = GaugeMetricFamily(
        "purveyor_webhook_failing_seconds",
        "How long nothing has reached the webhook; 0 while it works, absent when disabled.",
        labels=["tenant", "webhook"],
    )
    now = timezone.now()
    rows = Webhook.objects.filter(enabled=True)
    for domain, name, since in rows.values_list("tenant__domain", "name", "failing_since"):
        seconds = (now - since).total_seconds() if since else 0.0
        family.add_metric([domain, name], seconds)
    return family
