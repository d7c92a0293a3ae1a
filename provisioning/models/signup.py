"""Whoever has signed up by themselves and has yet to confirm their address."""

from __future__ import annotations

from typing import Any

from django.db import models

from idp import secrets
from idp.models import Row, Tenant
from serviceproviders.models import ServiceProvider


class SignUp(Row):
    """`user_id` is whom it becomes. What was given, the password included, is sealed, and
    erased once it is `confirmed`. The token of the link is kept as its digest, and sealed for
    the mail. `address` is where the request came from."""

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    service_provider = models.ForeignKey(
        ServiceProvider, on_delete=models.CASCADE, related_name="+"
    )
    user_id = models.UUIDField()
    username = models.CharField(max_length=255)
    email = models.CharField("e-mail", max_length=255)
    email_key = models.CharField(max_length=255)
    address = models.CharField(max_length=45, blank=True)
    token_digest = models.BinaryField(max_length=32, unique=True)
    sealed_given = models.BinaryField(null=True)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    confirmed = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "sign-up"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="signup_page"),
            models.Index(fields=["tenant", "address", "created"], name="signup_address"),
            models.Index(fields=["tenant", "email_key", "created"], name="signup_email"),
            models.Index(fields=["expires"], name="signup_prune"),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def given(self) -> dict[str, Any]:
        """Empty once it is confirmed. Raises `CannotOpen` when the key is lost."""
        if self.sealed_given is None:
            return {}
        opened: dict[str, Any] = secrets.unseal(self.sealed_given, f"signup/{self.pk}")
        return opened

    @given.setter
    def given(self, value: dict[str, Any]) -> None:
        self.sealed_given = secrets.seal(value, f"signup/{self.pk}")
