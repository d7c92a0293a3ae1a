from __future__ import annotations

from django.db import models

from idp.models import OutboundConnector, new_id


class Seats(models.Model):
    """What one worker may have under way at a connector (`provisioning.budgets.seats`).

    There is a row while the worker has, or waits for, something to do there. `wanted`: as
    many as it could use; `held`: as many as nobody else may take; after `until` it is taken
    for dead.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connector = models.ForeignKey(
        OutboundConnector, on_delete=models.CASCADE, related_name="seats"
    )
    worker = models.UUIDField()
    wanted = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    until = models.DateTimeField()

    class Meta:
        verbose_name_plural = "seats"
        constraints = [
            models.UniqueConstraint(fields=["connector", "worker"], name="seats_once")
        ]

    def __str__(self) -> str:
        return f"{self.held} of {self.wanted}"
