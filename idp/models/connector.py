from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from connectors import ConfigField, Connector, registry
from idp.models.provider import IdentityProvider
from idp.models.sealed import SealedRow

ConnectorClass = type[Connector]


class DeleteAction(models.TextChoices):
    DELETE = "delete", "Delete the account"
    DISABLE = "disable", "Disable the account"
    KEEP = "keep", "Keep the account as it is"


class OnDeny(models.TextChoices):
    KEEP = "keep", "Keep the account"
    WITHDRAW = "withdraw", "Withdraw the account"


class OnConflict(models.TextChoices):
    ADOPT = "adopt", "Adopt the account that has the name"
    HOLD = "hold", "Hold until an operator decides"


class Mode(models.TextChoices):
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused: changes queue"
    DRY_RUN = "dry_run", "Dry run: requests are recorded, not sent"


SLOWEST_RATE = 0.001


def request_rate(value: float) -> None:
    """0 is no limit; one request must get its turn in a time that somebody lives to see."""
    if value and not SLOWEST_RATE <= value <= 1_000_000:
        raise ValidationError("0, for no limit, or from 0.001 to 1,000,000 requests a second.")


def all_groups() -> str:
    return "all"


class OutboundConnector(SealedRow):
    """A connector configured on an identity provider.

    `revision` counts every change that may change what is sent: a job planned under
    another revision is planned again before its next attempt. `generation` counts changes
    of the settings that say which system the target is: links made under another
    generation are unconfirmed until a look-up.
    """

    sealed_as = "connector"
    provider = models.ForeignKey(
        IdentityProvider, on_delete=models.PROTECT, related_name="connectors"
    )
    type = models.CharField(max_length=64)
    enabled = models.BooleanField("enable connector", default=True)
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.ACTIVE)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    generation = models.PositiveIntegerField(default=1, editable=False)

    groups = models.JSONField(
        default=all_groups, blank=True, help_text='"all", "none" or a list of group names'
    )
    delete_action = models.CharField(
        max_length=8, choices=DeleteAction.choices, default=DeleteAction.DELETE
    )
    on_deny = models.CharField(max_length=8, choices=OnDeny.choices, default=OnDeny.KEEP)
    on_conflict = models.CharField(
        max_length=8, choices=OnConflict.choices, default=OnConflict.ADOPT
    )
    protected_names = models.JSONField(default=list, blank=True)
    retry_hours = models.PositiveIntegerField(default=24)
    requests_per_second = models.FloatField(default=0, validators=[request_rate])
    burst = models.PositiveIntegerField(default=10)
    concurrency = models.PositiveIntegerField(default=4)
    daily_quota = models.PositiveIntegerField(default=0)
    guard_max_count = models.PositiveIntegerField(default=0, help_text="0: off")
    guard_max_percent = models.PositiveIntegerField(default=0, help_text="0: off")
    guard_window_minutes = models.PositiveIntegerField(default=60)
    maintenance_windows = models.JSONField(default=list, blank=True)
    """Rows as `idp.maintenance` has them: times in which nothing is delivered."""
    guard_expire_hours = models.PositiveIntegerField(default=0, help_text="0: off")
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["provider", "type"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "type"], name="connector_once_per_idp")
        ]

    def __str__(self) -> str:
        return f"{self.provider.name}/{self.type}"

    @property
    def connector_class(self) -> ConnectorClass:
        return registry.load(self.type)

    @property
    def fields(self) -> tuple[ConfigField, ...]:
        return self.connector_class.fields

    @property
    def is_open(self) -> bool:
        """Whether anything may be sent: both enabled, neither retired."""
        provider = self.provider
        return bool(
            self.enabled
            and provider.enabled
            and self.retired_at is None
            and provider.retired_at is None
        )
