"""What operators are told: one row for each cause, open until the cause is gone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from idp.models import Operator, OutboundConnector, Row, Tenant


class Severity(models.TextChoices):
    INFO = "info", "Information"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class Cause(models.TextChoices):
    QUARANTINE = "quarantine", "A connector is quarantined"
    GUARD = "guard", "The deletion guard holds removals"
    DEAD_LETTERS = "dead_letters", "Jobs fail in a new way"
    OWED = "owed", "Removals wait for an operator"
    CERTIFICATE = "certificate", "A certificate expires"
    TICK = "tick", "Periodic work does not run"
    WORKER = "worker", "No worker delivers"
    WEBHOOK = "webhook", "A webhook was disabled"
    AUDIT = "audit", "The audit trail does not verify"


class Notification(Row):
    """`key` names the cause: there is one open row of it in a tenant. `opened` and `seen` are
    when it was met first and last, `count` how many it concerns. `link` leads to the page
    that helps. `data` is what the cause is found by again (`provisioning.watching`).
    `announced` and `announced_end`: e-mails and events about it are in the outbox."""

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    connector = models.ForeignKey(
        OutboundConnector, null=True, on_delete=models.CASCADE, related_name="+"
    )
    cause = models.CharField(max_length=16, choices=Cause.choices)
    key = models.CharField(max_length=255)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    title = models.CharField(max_length=255)
    text = models.TextField()
    link = models.CharField(max_length=512, blank=True)
    data = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=1)
    opened = models.DateTimeField()
    seen = models.DateTimeField()
    resolved = models.DateTimeField(null=True)
    announced = models.DateTimeField(null=True)
    announced_end = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "key"],
                condition=Q(resolved__isnull=True),
                name="notification_open_once",
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="notification_page"),
            models.Index(fields=["tenant", "key", "-id"], name="notification_key"),
            models.Index(
                fields=["id"],
                condition=Q(announced__isnull=True),
                name="notification_news",
            ),
            models.Index(
                fields=["id"],
                condition=Q(resolved__isnull=False, announced_end__isnull=True),
                name="notification_ends",
            ),
            models.Index(fields=["resolved"], name="notification_prune"),
        ]

    def __str__(self) -> str:
        return self.title


class NotificationRead(Row):
    """An operator has seen it."""

    operator = models.ForeignKey(
        Operator, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, related_name="reads"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "notification"], name="notification_read_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} has read {self.notification_id}"


class NotificationPreference(Row):
    """Which notifications an operator gets by e-mail; without a row, none. `resolved`: also
    when the cause is gone."""

    operator = models.OneToOneField(
        Operator, on_delete=models.CASCADE, related_name="notification_preference"
    )
    severities = models.JSONField(default=list, blank=True)
    resolved = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.operator}: {', '.join(self.severities) or 'nothing'}"
