from __future__ import annotations

from django.db import models
from django.utils.functional import cached_property

from idp.models.base import Row
from idp.models.tenant import Tenant
from idp.models.userstore import UserStore, key_of


class ClaimDialect(models.TextChoices):
    LOCAL = "local", "Use the local claim dialect"
    CUSTOM = "custom", "Define a claim dialect of its own"


class UnmappedRoles(models.TextChoices):
    KEEP = "keep", "Keep roles without a mapping under their local name"
    DROP = "drop", "Leave out roles without a mapping"


class IdentityProvider(Row):
    """A trusted party that can hold our users: basic information, claims and roles."""

    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="identity_providers"
    )
    name = models.CharField("identity provider name", max_length=190)
    display_name = models.CharField(max_length=255, blank=True)
    description = models.TextField(blank=True)
    home_realm_identifier = models.CharField(max_length=255, blank=True)
    alias = models.CharField(
        max_length=255, blank=True, help_text="The alias of its token endpoint."
    )
    certificate = models.TextField(blank=True, help_text="PEM; several one after another.")
    enabled = models.BooleanField(default=True)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    claim_dialect = models.CharField(
        max_length=8, choices=ClaimDialect.choices, default=ClaimDialect.LOCAL
    )
    user_id_claim = models.CharField("user ID claim URI", max_length=255, blank=True)
    role_claim = models.CharField("role claim URI", max_length=255, blank=True)

    provisioning_roles = models.JSONField(
        "outbound provisioning roles",
        default=list,
        blank=True,
        help_text="Only holders of one of these roles are provisioned; empty: everybody.",
    )
    unmapped_roles = models.CharField(
        max_length=8, choices=UnmappedRoles.choices, default=UnmappedRoles.KEEP
    )
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="idp_name_once"),
            models.UniqueConstraint(
                fields=["tenant", "home_realm_identifier"],
                name="home_realm_once",
                condition=~models.Q(home_realm_identifier=""),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.name

    @cached_property
    def remote_roles(self) -> dict[str, str]:
        """The remote names of roles, by their local ones (`key_of`); read once, when asked."""
        return {key_of(row.local): row.remote for row in self.role_mappings.all()}

    def remote_role(self, name: str) -> str | None:
        """What a role or group is called there; its own name without a mapping, or None
        where roles without one are left out."""
        if there := self.remote_roles.get(key_of(name)):
            return there
        return name if self.unmapped_roles == UnmappedRoles.KEEP else None

    @cached_property
    def claim_rows(self) -> list[ClaimMapping]:
        """Its own claim dialect, in order; read once, when asked."""
        return list(self.claim_mappings.all())


class ClaimMapping(Row):
    """One row of an own claim dialect: where a remote attribute comes from."""

    provider = models.ForeignKey(
        IdentityProvider, on_delete=models.CASCADE, related_name="claim_mappings"
    )
    order = models.PositiveIntegerField(default=0)
    remote = models.CharField("identity provider claim", max_length=255)
    local = models.CharField("local claim URI", max_length=255, blank=True)
    default = models.CharField(max_length=1024, blank=True)
    constant = models.CharField(max_length=1024, blank=True)
    expression = models.CharField(max_length=2048, blank=True)
    create_only = models.BooleanField(default=False)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "remote"], name="remote_claim_once")
        ]

    def __str__(self) -> str:
        return self.remote


class RoleMapping(Row):
    provider = models.ForeignKey(
        IdentityProvider, on_delete=models.CASCADE, related_name="role_mappings"
    )
    local = models.CharField("local role", max_length=320)
    remote = models.CharField("identity provider role", max_length=320)

    class Meta:
        ordering = ["local"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "local"], name="local_role_once")
        ]

    def __str__(self) -> str:
        return f"{self.local} → {self.remote}"


class Prompt(models.TextChoices):
    SILENT = "silent", "Provision silently"
    CONSENT = "consent", "Prompt for consent"
    PASSWORD = "password", "Prompt for password and consent"
    USERNAME = "username", "Prompt for username, password and consent"


class AttributeSync(models.TextChoices):
    OVERRIDE_ALL = "override_all", "Override all"
    PRESERVE_LOCAL = "preserve_local", "Preserve local"
    NONE = "none", "None"


class JitSettings(Row):
    """Just-in-time provisioning of people who sign in through the identity provider."""

    provider = models.OneToOneField(
        IdentityProvider, on_delete=models.CASCADE, related_name="jit"
    )
    enabled = models.BooleanField(default=False)
    user_store = models.ForeignKey(
        UserStore,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: as in the user name.",
    )
    user_store_claim = models.CharField(max_length=255, blank=True)
    prompt = models.CharField(max_length=16, choices=Prompt.choices, default=Prompt.SILENT)
    attribute_sync = models.CharField(
        max_length=16, choices=AttributeSync.choices, default=AttributeSync.OVERRIDE_ALL
    )
    link_existing_by = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = "just-in-time provisioning"
        verbose_name_plural = "just-in-time provisioning"

    def __str__(self) -> str:
        return "just-in-time provisioning"
