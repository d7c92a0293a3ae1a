"""Logins under way in browsers, and the codes by which applications learn who it was."""

from __future__ import annotations

from typing import Any

from django.db import models

from idp import secrets
from idp.models import IdentityProvider, Row, Tenant
from serviceproviders.models import ServiceProvider


class Purpose(models.TextChoices):
    LOGIN = "login", "Login"
    TEST = "test", "Test login"
    LOGOUT = "logout", "Logout"


class LoginAttempt(Row):
    """Somebody who was sent to an identity provider, until they are back and through.

    The state and the browser's cookie are kept as digests. `kept` is what the protocol wants
    to see again, and after `answered` what the identity provider said. `finished` is set
    once, by whoever goes on with it. `operator_id`: whose test it is.
    """

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="+")
    service_provider = models.ForeignKey(
        ServiceProvider, on_delete=models.CASCADE, related_name="+"
    )
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    state_digest = models.BinaryField(max_length=32, unique=True)
    browser_digest = models.BinaryField(max_length=32)
    redirect_uri = models.CharField(max_length=2048, blank=True)
    application_state = models.CharField(max_length=2048, blank=True)
    operator_id = models.UUIDField(null=True)
    address = models.CharField(max_length=45, blank=True)
    sealed_kept = models.BinaryField()
    created = models.DateTimeField()
    expires = models.DateTimeField()
    answered = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "address", "created"], name="login_address"),
            models.Index(fields=["expires"], name="login_prune"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} at {self.provider}"

    @property
    def kept(self) -> dict[str, Any]:
        """Raises `CannotOpen` when the key is lost."""
        opened: dict[str, Any] = secrets.unseal(self.sealed_kept, f"login/{self.pk}")
        return opened

    @kept.setter
    def kept(self, value: dict[str, Any]) -> None:
        self.sealed_kept = secrets.seal(value, f"login/{self.pk}")


class LoginCode(Row):
    """What an application gets for a login, kept as its digest: good once, for a moment, for
    this service provider and this address."""

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="+")
    service_provider = models.ForeignKey(
        ServiceProvider, on_delete=models.CASCADE, related_name="+"
    )
    digest = models.BinaryField(max_length=32, unique=True)
    redirect_uri = models.CharField(max_length=2048)
    user_id = models.UUIDField()
    subject = models.CharField(max_length=255)
    made = models.BooleanField()
    outcome = models.TextField(blank=True)
    expires = models.DateTimeField()
    redeemed = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires"], name="login_code_prune")]

    def __str__(self) -> str:
        return f"code for {self.service_provider}"
