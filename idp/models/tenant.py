from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.validators import RegexValidator
from django.db import models

from idp.models.base import Row, new_id

ROOT = "carbon.super"

domain_name = RegexValidator(
    r"\A[a-z0-9]([a-z0-9.-]*[a-z0-9])?\Z",
    "A tenant domain has lower-case letters, digits, dots and hyphens only.",
)


class Tenant(Row):
    """An organisation. Everything belongs to one; nothing crosses."""

    domain = models.CharField(max_length=190, unique=True, validators=[domain_name])
    time_zone = models.CharField(max_length=64, default="UTC")
    self_signup = models.BooleanField(
        "self sign-up",
        default=False,
        help_text="Anybody may ask for an account at /api/v1/self-signup/, and has it when the "
        "link that is sent to their e-mail address is followed.",
    )
    claims_stamp = models.UUIDField(default=new_id, editable=False)
    """Another one whenever a local claim of the tenant changes: what is kept under it is
    never out of date."""
    event_types = models.JSONField(default=list, blank=True, editable=False)
    """Types of events that some webhook of the tenant waits for, "*" for all: what nobody
    waits for is not written (`provisioning.events`)."""
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain

    @property
    def zone(self) -> tzinfo:
        """UTC where this machine knows no zone of that name."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    @property
    def is_root(self) -> bool:
        return self.domain == ROOT


class Tally(models.Model):
    """How many users and groups a tenant has, kept in slots so that writers do not queue.

    The sum over the slots is the count; each create or delete moves one random slot.
    """

    SLOTS = 16

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="tallies")
    kind = models.CharField(max_length=16)
    slot = models.PositiveSmallIntegerField()
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "slot"], name="tally_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.slot}: {self.value}"
