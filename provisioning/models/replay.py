"""What an operator asked for all dead letters of one signature at one connector."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from idp.models import OutboundConnector, Row, Tenant
from provisioning import signatures


class ReplayAction(models.TextChoices):
    RETRY = "retry", "Retry"
    SKIP = "skip", "Skip"


class Replay(Row):
    """Worked on batch by batch, oldest job first; `after` is the position of the last one.

    Only what had failed when it was asked for: `total` jobs at that time. Of those looked at
    so far `done` were queued again, or skipped; `left` were not, because something newer of
    their entity is done or on its way.
    """

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    connector = models.ForeignKey(
        OutboundConnector, on_delete=models.CASCADE, related_name="replays"
    )
    signature = models.CharField(max_length=signatures.LENGTH)
    action = models.CharField(max_length=8, choices=ReplayAction.choices)
    actor = models.CharField(max_length=345)
    reason = models.CharField(max_length=255, blank=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    created = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "signature"],
                name="replay_once",
                condition=models.Q(finished=None),
            )
        ]
        indexes = [models.Index(fields=["tenant", "-id"], name="replay_page")]

    def __str__(self) -> str:
        return f"{self.action} {self.signature} at {self.connector_id}"

    @property
    def seen(self) -> int:
        return self.done + self.left

    @property
    def percent(self) -> int:
        return min(100, self.seen * 100 // self.total) if self.total else 100
