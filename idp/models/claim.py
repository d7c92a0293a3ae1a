from __future__ import annotations

from django.db import models

from idp.models.base import Row
from idp.models.tenant import Tenant


class ClaimType(models.TextChoices):
    STRING = "string", "Text"
    BOOLEAN = "boolean", "True or false"
    INTEGER = "integer", "Whole number"
    DECIMAL = "decimal", "Number"
    DATE_TIME = "dateTime", "Date and time"


class LocalClaim(Row):
    """A claim that a tenant has defined for itself; what it is called and where it lives.

    `path` names an attribute of an extension schema: `urn:purveyor:custom:User:badge`. It,
    the type and whether there are several values stay as they are: people have values.
    `indexed` says that every user's value has its search row.
    """

    FIXED = ("path", "type", "multivalued")

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="local_claims")
    uri = models.CharField("claim URI", max_length=190)
    display_name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    path = models.CharField(
        max_length=190,
        help_text="The attribute of users that holds it, such as "
        "urn:purveyor:custom:User:badge.",
    )
    type = models.CharField(max_length=16, choices=ClaimType.choices, default=ClaimType.STRING)
    multivalued = models.BooleanField("several values", default=False)
    searchable = models.BooleanField(
        default=False, help_text="Filters on it are answered by an index."
    )
    indexed = models.BooleanField(default=False, editable=False)
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["uri"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "uri"], name="claim_uri_once"),
            models.UniqueConstraint(fields=["tenant", "path"], name="claim_path_once"),
        ]
        indexes = [
            models.Index(
                fields=["modified"],
                name="claim_to_index",
                condition=models.Q(searchable=True, indexed=False),
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.uri
