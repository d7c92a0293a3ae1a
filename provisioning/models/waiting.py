"""Whom to look at again: people held back, and re-planning under way."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from idp.models import OutboundConnector, Row, Tenant
from provisioning.models.job import TYPES
from serviceproviders.models import OutboundTarget


class HeldBack(Row):
    """An entity that a rule, or a row of the claim mapping, keeps from a target: so its newest
    decision. `revision` is the connector's when that was found last: under another one it is
    planned again, and now and then, since a rule may ask for the time."""

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    connector = models.ForeignKey(
        OutboundConnector, db_index=False, on_delete=models.CASCADE, related_name="held_back"
    )
    target = models.ForeignKey(OutboundTarget, on_delete=models.CASCADE, related_name="+")
    entity_type = models.CharField(max_length=8, choices=TYPES)
    entity_id = models.UUIDField()
    reason = models.TextField()
    revision = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connector", "entity_id"], name="held_back_once")
        ]
        indexes = [
            models.Index(fields=["entity_id"], name="held_back_by_entity"),
            models.Index(fields=["connector", "revision"], name="held_back_stale"),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id} from {self.connector_id}: {self.reason}"


class Whom(models.TextChoices):
    HELD_BACK = "held_back", "People who are held back"
    THERE = "there", "Everybody who is there, and people who are held back"
    ENTITLED = "entitled", "These, and people whom a list of roles newly entitles"
    GROUPS = "groups", "Groups that are there"


class Reconsideration(Row):
    """Planning many people of one connector again, batch by batch; `after` is the last one
    done. The row is gone when it is over.

    `lists` are the provisioning roles as they were before: whom one of them did not entitle
    may have to be sent now.
    """

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    connector = models.ForeignKey(
        OutboundConnector, on_delete=models.CASCADE, related_name="reconsiderations"
    )
    whom = models.CharField(max_length=16, choices=Whom.choices)
    cause = models.CharField(max_length=190)
    actor = models.CharField(max_length=345)
    lists = models.JSONField(default=list)
    after = models.UUIDField(null=True)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            # Asked for again while it waits: it begins anew.
            models.UniqueConstraint(fields=["connector", "whom"], name="reconsidered_once")
        ]

    def __str__(self) -> str:
        return f"{self.whom} of {self.connector_id}: {self.cause}"
