from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

from idp.models import OutboundConnector


class ConnectorHealth(models.Model):
    """How a connector is doing, shared by all workers.

    Quarantined: nothing is sent but one probe at `probe_at`, or at once when the connector
    has another `revision` than the one that failed; jobs keep queueing.
    `paused_until`: the target asked to wait (Retry-After).
    """

    connector = models.OneToOneField(
        OutboundConnector, primary_key=True, on_delete=models.CASCADE, related_name="health"
    )
    failures = models.PositiveIntegerField(default=0)
    quarantined_at = models.DateTimeField(null=True)
    quarantine_reason = models.TextField(blank=True)
    probes = models.PositiveIntegerField(default=0)
    probe_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    last_success = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    last_error_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"health of {self.connector_id}"


class GuardWindow(models.Model):
    """What the deletion guard has counted at a connector since `began`, against `base`.

    `of`: `users`, `groups`, or `members/<group id>`. A window that is over begins anew with
    the next event.
    """

    connector = models.ForeignKey(
        OutboundConnector, db_index=False, on_delete=models.CASCADE, related_name="windows"
    )
    of = models.CharField(max_length=48)
    began = models.DateTimeField()
    base = models.PositiveIntegerField()
    counted = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connector", "of"], name="guard_window_once")
        ]

    def is_over(self, connector: OutboundConnector) -> bool:
        lasts = timedelta(minutes=connector.guard_window_minutes)
        return timezone.now() >= self.began + lasts

    def __str__(self) -> str:
        return f"{self.counted} of {self.base} {self.of} at {self.connector_id}"


class Tick(models.Model):
    """A periodic task as a leased row: whichever process wins the lease runs it."""

    name = models.CharField(max_length=64, primary_key=True)
    due = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
