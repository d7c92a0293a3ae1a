"""Who signs in through an identity provider, and whom they are here."""

from __future__ import annotations

from django.db import models

from idp.models import IdentityProvider, Row, Tenant
from serviceproviders.models import ServiceProvider


class Association(Row):
    """A subject of an identity provider and the user it is.

    The user may not be there yet, or not any more. `given_claims` (uris) and `given_groups`
    (ids) are what the identity provider has given: only that may it take away again.
    """

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    provider = models.ForeignKey(
        IdentityProvider, on_delete=models.CASCADE, related_name="associations"
    )
    subject = models.CharField(max_length=255)
    user_id = models.UUIDField()
    given_claims = models.JSONField(default=list)
    given_groups = models.JSONField(default=list)
    created = models.DateTimeField()
    last_login = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="subject_once"),
            models.UniqueConstraint(fields=["provider", "user_id"], name="associated_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="association_page"),
            models.Index(fields=["user_id"], name="association_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} of {self.provider}"


class JitEvent(Row):
    """The answer to an event, by its idempotency key. `status` is 0 while it is worked on."""

    service_provider = models.ForeignKey(
        ServiceProvider, on_delete=models.CASCADE, related_name="+"
    )
    key = models.CharField(max_length=255)
    digest = models.BinaryField(max_length=32)
    status = models.PositiveIntegerField(default=0)
    answer = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    created = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service_provider", "key"], name="jit_event_once")
        ]
        indexes = [models.Index(fields=["created"], name="jit_event_prune")]

    def __str__(self) -> str:
        return self.key
