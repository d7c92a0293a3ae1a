from __future__ import annotations

from django.db import models
from django.utils import timezone

from idp.models import Row, Tenant


class AuditEvent(Row):
    """Who did or decided what, and why. Rows are added, never changed; a tick seals them."""

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=345)
    door = models.CharField(max_length=16, blank=True)
    service_provider = models.CharField(max_length=190, blank=True)
    action = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_name = models.CharField(max_length=512, blank=True)
    change_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)
    sequence = models.PositiveBigIntegerField(null=True, editable=False)
    seal = models.BinaryField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "sequence"], name="audit_sequence_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="audit_page"),
            models.Index(fields=["tenant", "subject_id", "-id"], name="audit_page_subject"),
            models.Index(
                fields=["tenant", "id"],
                name="audit_unsealed",
                condition=models.Q(sequence__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_name}"
