from __future__ import annotations

from django.db import models

from idp.models import OutboundConnector


class DeliveryTally(models.Model):
    """What delivery did at a connector, counted when it happened; never pruned.

    `measure` says what is counted (`provisioning.measuring`), `name` which outcome or state.
    `bucket` is the duration that each counted one stayed within, in milliseconds.
    """

    BEYOND = 2**31 - 1
    """The bucket of those that took longer than any other bucket allows."""
    NOT_TIMED = -1
    """The bucket of those that took no time worth telling: nothing was sent."""

    connector = models.ForeignKey(
        OutboundConnector, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    measure = models.CharField(max_length=8)
    name = models.CharField(max_length=16)
    bucket = models.IntegerField()
    count = models.BigIntegerField(default=0)
    milliseconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "measure", "name", "bucket"], name="delivery_tally_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.name}: {self.count}"
