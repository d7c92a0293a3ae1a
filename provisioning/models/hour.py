from __future__ import annotations

from django.db import models

from idp.models import OutboundConnector


class DeliveryHour(models.Model):
    """How many jobs a connector delivered and gave up in the hour that begins at `hour`,
    counted when it happened (`provisioning.hours`)."""

    connector = models.ForeignKey(
        OutboundConnector, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    hour = models.DateTimeField()
    delivered = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connector", "hour"], name="delivery_hour_once")
        ]
        indexes = [models.Index(fields=["hour"], name="delivery_hour_prune")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:%M}: {self.delivered} delivered, {self.failed} failed"
