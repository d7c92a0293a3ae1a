"""Who asks, and where their users should go."""

from __future__ import annotations

from ipaddress import ip_network

from django.core.exceptions import ValidationError
from django.db import models
from oauth2_provider.models import AbstractApplication

from idp.models import OutboundConnector, Row, Tenant, UserStore

RESIDENT = "wso2carbon-local-sp"


def check_networks(values: list[str]) -> None:
    """Raises `ValidationError` for what is neither an address nor a network."""
    for value in values:
        try:
            ip_network(value, strict=False)
        except ValueError as error:
            raise ValidationError(
                f"“{value}” is neither an address nor a network like 192.0.2.0/24."
            ) from error


class ServiceProvider(Row):
    """An application that calls the doors; the resident one stands for all without one."""

    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="service_providers"
    )
    name = models.CharField("service provider name", max_length=190)
    description = models.TextField(blank=True)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    redirect_uris = models.JSONField(default=list, blank=True)

    user_store = models.ForeignKey(
        UserStore,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="provision users to",
        help_text="Empty: the prefix of the user name decides.",
    )
    dumb_mode = models.BooleanField(
        default=False, help_text="Send users onward without storing them."
    )
    strict = models.BooleanField(
        default=False, help_text="Refuse SCIM dialects that break the standard."
    )
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="sp_name_once")]

    def __str__(self) -> str:
        return "resident" if self.is_resident else self.name

    @property
    def is_resident(self) -> bool:
        return self.name == RESIDENT


class OnBlockingFailure(models.TextChoices):
    REPORT = "report", "Keep the change and report the failure"
    REFUSE = "refuse", "Undo the change and refuse it"


class OutboundTarget(Row):
    """One outbound row: this service provider's users go to that connector."""

    service_provider = models.ForeignKey(
        ServiceProvider, on_delete=models.CASCADE, related_name="outbound"
    )
    provider = models.ForeignKey(
        "idp.IdentityProvider", on_delete=models.PROTECT, related_name="outbound_targets"
    )
    connector = models.ForeignKey(
        OutboundConnector, on_delete=models.PROTECT, related_name="outbound_targets"
    )
    blocking = models.BooleanField(default=False)
    on_blocking_failure = models.CharField(
        max_length=8, choices=OnBlockingFailure.choices, default=OnBlockingFailure.REPORT
    )
    enable_rules = models.BooleanField(default=False)
    jit_outbound = models.BooleanField("JIT outbound", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service_provider", "provider"], name="one_row_per_idp"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service_provider} → {self.connector}"


class OAuthClient(AbstractApplication):
    """The OAuth 2.0 client (client credentials) of a service provider."""

    service_provider = models.OneToOneField(
        ServiceProvider, on_delete=models.CASCADE, related_name="oauth_client"
    )
    scopes = models.JSONField(default=list)
    allowed_networks = models.JSONField(
        default=list,
        blank=True,
        validators=[check_networks],
        help_text="Addresses and networks (192.0.2.0/24) it may call from, one per line. "
        "Empty: from everywhere.",
    )
    requests_per_minute = models.PositiveIntegerField(
        default=0, help_text="More is answered 429 with Retry-After. 0: no limit."
    )

    class Meta(AbstractApplication.Meta):
        verbose_name = "OAuth client"


class ClientMinute(models.Model):
    """How many requests of a client, to all processes together, were let in during its last
    minute. Written only for clients with a limit."""

    client = models.OneToOneField(
        OAuthClient, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    minute = models.BigIntegerField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.client_id}: {self.count}"
