from __future__ import annotations

from django.db import models

from idp.models import Tenant


class AuditChain(models.Model):
    """A tenant's seals, from the last event that was forgotten to the newest sealed one.

    Both ends are signed with a key the database does not hold (`idp.secrets.sign`). The
    first is the checkpoint that pruning leaves; zero, and an empty seal, when there was none.
    """

    tenant = models.OneToOneField(
        Tenant, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    start = models.PositiveBigIntegerField(default=0)
    start_seal = models.BinaryField(default=b"")
    start_signature = models.BinaryField(default=b"")
    start_at = models.DateTimeField(null=True)
    head = models.PositiveBigIntegerField(default=0)
    head_seal = models.BinaryField(default=b"")
    head_signature = models.BinaryField(default=b"")
    head_at = models.DateTimeField(null=True)

    @property
    def first(self) -> int:
        return self.start + 1

    def __str__(self) -> str:
        return f"{self.start + 1} to {self.head} of {self.tenant_id}"
