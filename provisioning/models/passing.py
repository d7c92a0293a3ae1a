"""Who is sent onward without being stored (dumb mode): what is kept of them meanwhile."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from idp import secrets
from idp.models import Row, Tenant, UserStore
from provisioning.models.job import TYPES
from serviceproviders.models import ServiceProvider


class PassingEntity(Row):
    """A user or group of a service provider in dumb mode. There is no other row of it.

    `state` is what its service provider last wanted, sealed: a user's `document`, `active`
    and the names of the `groups` its requests said it is in. Erased when it is deleted; the
    row goes when every target is done with it.
    """

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    service_provider = models.ForeignKey(
        ServiceProvider, db_index=False, on_delete=models.PROTECT, related_name="passing"
    )
    store = models.ForeignKey(UserStore, on_delete=models.PROTECT, related_name="passing")
    entity_type = models.CharField(max_length=8, choices=TYPES)
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=255, editable=False)
    external_id = models.CharField(max_length=255, blank=True)
    sealed_state = models.BinaryField(null=True, editable=False)
    member_count = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveBigIntegerField(default=1)
    created = models.DateTimeField()
    modified = models.DateTimeField()
    deleted = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "passing entity"
        verbose_name_plural = "passing entities"
        constraints = [
            models.UniqueConstraint(
                fields=["service_provider", "entity_type", "name_key", "store"],
                name="passing_name_once",
                condition=Q(deleted=None),
            )
        ]
        indexes = [
            models.Index(fields=["service_provider", "entity_type", "id"], name="passing_page"),
            models.Index(
                fields=["service_provider", "external_id"],
                name="passing_by_external_id",
                condition=~Q(external_id=""),
            ),
            models.Index(fields=["tenant", "-id"], name="passing_console_page"),
            models.Index(fields=["tenant", "name_key"], name="passing_by_name"),
            models.Index(
                fields=["deleted"], name="passing_deleted", condition=Q(deleted__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return self.store.full_name(self.name)

    @property
    def state(self) -> dict[str, Any]:
        if self.sealed_state is None:
            return {}
        opened: dict[str, Any] = secrets.unseal(self.sealed_state, f"passing/{self.pk}")
        return opened

    @state.setter
    def state(self, value: dict[str, Any] | None) -> None:
        sealed = None if value is None else secrets.seal(value, f"passing/{self.pk}")
        self.sealed_state = sealed


class PassingMember(Row):
    """One passing user in one passing group."""

    group = models.ForeignKey(
        PassingEntity, db_index=False, on_delete=models.CASCADE, related_name="members"
    )
    member = models.ForeignKey(
        PassingEntity, on_delete=models.CASCADE, related_name="memberships"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "member"], name="passing_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.group_id}"
