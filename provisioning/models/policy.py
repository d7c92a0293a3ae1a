"""XACML policies of a tenant: drafts, published versions and their order."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from idp.models import Row, Tenant


class Policy(Row):
    """Decides once it is published and enabled; others may refer to it as soon as it is
    published. `order` matters where the first applicable policy counts.
    """

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.PROTECT, related_name="policies"
    )
    name = models.CharField(max_length=190)
    description = models.TextField(blank=True)
    enabled = models.BooleanField(default=True)
    order = models.PositiveIntegerField(default=1)
    published = models.ForeignKey(
        "PolicyVersion", null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["order", "name"]
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="policy_name_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def decides(self) -> bool:
        return self.enabled and self.published_id is not None


class PolicyVersion(Row):
    """One text of a policy; never changed once it was published."""

    policy = models.ForeignKey(
        Policy, db_index=False, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField()
    document = models.TextField()
    author = models.CharField(max_length=345)
    created = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.policy}, version {self.number}"


class PolicyRevision(models.Model):
    """Counts changes of what a tenant's policies decide: compiled ones of another are stale.

    `reconsidered` is the number up to which people were asked to be planned again.
    """

    tenant = models.OneToOneField(
        Tenant, primary_key=True, on_delete=models.CASCADE, related_name="policy_revision"
    )
    number = models.PositiveBigIntegerField(default=1)
    reconsidered = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"policies of {self.tenant_id}, revision {self.number}"
