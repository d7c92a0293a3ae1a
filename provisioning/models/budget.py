from __future__ import annotations

from django.db import models

from idp.models import OutboundConnector


class ConnectorBudget(models.Model):
    """What a connector has spent of its budget, shared by all workers (`provisioning.budgets`).

    There is no row for a connector without limits of which the target never complained.

    `rate` … `daily_quota`: as the operator had set them when this was counted; anything else
    on the connector, and the count begins anew. `tokens`: requests that may go now; below
    zero what was made on credit has to come in first. `cost`: requests a job makes on
    average. `used`: requests on `day`, a day of the tenant's time zone. `next_at`: nothing
    can go before. `lowered_*`: what the target made of it at `lowered_at`; it grows again.
    `spread_rate` holds until `spread_until`, when the target says it counts anew.
    `refused_until`: how long the target asked to wait when it refused last, and
    `sent_since` how many requests were made after that.
    """

    connector = models.OneToOneField(
        OutboundConnector, primary_key=True, on_delete=models.CASCADE, related_name="spent"
    )
    rate = models.FloatField()
    burst = models.PositiveIntegerField()
    concurrency = models.PositiveIntegerField()
    daily_quota = models.PositiveIntegerField()
    tokens = models.FloatField()
    counted_at = models.DateTimeField()
    cost = models.FloatField(default=1)
    day = models.DateField()
    used = models.FloatField(default=0)
    next_at = models.DateTimeField(null=True)
    lowered_rate = models.FloatField(null=True)
    lowered_width = models.FloatField(null=True)
    lowered_at = models.DateTimeField(null=True)
    lowered_because = models.TextField(blank=True)
    spread_rate = models.FloatField(null=True)
    spread_until = models.DateTimeField(null=True)
    refused_until = models.DateTimeField(null=True)
    sent_since = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"budget of {self.connector_id}"
