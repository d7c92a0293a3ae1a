"""What is believed to exist at the targets."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from idp import secrets
from idp.models import OutboundConnector, Row, Tenant
from provisioning.models.job import TYPES
from serviceproviders.models import OutboundTarget


class LinkState(models.TextChoices):
    LINKED = "linked", "Linked"
    FORMER = "former", "Former: left disabled or kept"
    LEFT = "left", "Left on purpose"


class ProvisionedEntity(Row):
    """The link between a local entity and its remote account. The id there comes from the
    target, never from us. `generation` is the connector's when the link was last confirmed.
    """

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    connector = models.ForeignKey(
        OutboundConnector,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="provisioned",
    )
    target = models.ForeignKey(
        OutboundTarget, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    entity_type = models.CharField(max_length=8, choices=TYPES)
    entity_id = models.UUIDField()
    entity_name = models.CharField(max_length=512)
    state = models.CharField(max_length=8, choices=LinkState.choices, default=LinkState.LINKED)
    active = models.BooleanField(default=True)
    adopted = models.BooleanField(default=False)
    remote_id = models.CharField(max_length=512)
    remote_name = models.CharField(max_length=512)
    name_key = models.CharField(max_length=512)
    external_id = models.CharField(max_length=255, blank=True)
    generation = models.PositiveIntegerField(default=1)
    sealed_accepted = models.BinaryField(null=True, editable=False)
    accepted_version = models.PositiveBigIntegerField(default=0)
    owed = models.CharField(max_length=8, blank=True)
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = "provisioned entity"
        verbose_name_plural = "provisioned entities"
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "entity_type", "entity_id"], name="linked_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["connector", "entity_type", "name_key"], name="linked_by_name"
            ),
            models.Index(
                fields=["connector", "entity_type", "remote_id"], name="linked_by_remote_id"
            ),
            models.Index(fields=["entity_id"], name="linked_by_entity"),
            models.Index(fields=["tenant", "-id"], name="linked_page"),
            models.Index(
                fields=["connector", "owed"], name="linked_owed", condition=~Q(owed="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_name} as {self.remote_name}"

    @property
    def accepted(self) -> dict[str, Any] | None:
        """What the target is believed to hold; None when that is not known, and where no key
        opens it: everything is sent then."""
        if self.sealed_accepted is None:
            return None
        try:
            opened: dict[str, Any] = secrets.unseal(self.sealed_accepted, f"accepted/{self.pk}")
        except secrets.CannotOpen:
            return None
        return opened

    @accepted.setter
    def accepted(self, value: dict[str, Any] | None) -> None:
        sealed = None if value is None else secrets.seal(value, f"accepted/{self.pk}")
        self.sealed_accepted = sealed


class AcceptedMember(Row):
    """A membership that a target has accepted."""

    group = models.ForeignKey(
        ProvisionedEntity,
        db_index=False,
        on_delete=models.CASCADE,
        related_name="accepted_members",
    )
    member_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "member_id"], name="accepted_member_once")
        ]
        indexes = [models.Index(fields=["member_id"], name="accepted_by_member")]

    def __str__(self) -> str:
        return str(self.member_id)
