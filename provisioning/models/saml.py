"""Assertions that were taken: none is taken again while it could be shown."""

from __future__ import annotations

from django.db import models

from idp.models import IdentityProvider, Row


class UsedAssertion(Row):
    """`digest` is that of its ID, `until` when nobody would take it any more."""

    provider = models.ForeignKey(
        IdentityProvider, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    digest = models.BinaryField(max_length=32)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "digest"], name="assertion_once")
        ]
        indexes = [models.Index(fields=["until"], name="assertion_prune")]

    def __str__(self) -> str:
        return f"assertion of {self.provider}"
