"""User stores and what is in them. Written only through `idp.userstores`."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from django.db import models

from idp.models.base import Row
from idp.models.tenant import Tenant

PRIMARY = "PRIMARY"
INTERNAL = "Internal"

store_domain = RegexValidator(
    r"\A[A-Z0-9][A-Z0-9._-]*\Z",
    "A user store domain has upper-case letters, digits, dots, hyphens and underscores only.",
)


class UserStore(Row):
    """A named set of users and groups of one tenant.

    `PRIMARY` always exists. `Internal` holds roles: groups without users of their own.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="user_stores")
    domain = models.CharField(max_length=64)
    description = models.CharField(max_length=255, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["tenant", "domain"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "domain"], name="store_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.domain

    def full_name(self, name: str) -> str:
        """`kim` in PRIMARY, `STAFF/kim` elsewhere."""
        return name if self.domain == PRIMARY else f"{self.domain}/{name}"


class User(Row):
    """A person. The id is the SCIM id and the identity; the name may change.

    `document` is the canonical claim document: SCIM 2.0 attributes (RFC 7643) with
    extensions under their urn, without what has a column here (`userName`, `externalId`,
    `active`) and without `id`, `meta`, `schemas`, `groups` and `password`.
    """

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.PROTECT, related_name="users"
    )
    store = models.ForeignKey(
        UserStore, db_index=False, on_delete=models.PROTECT, related_name="users"
    )
    username = models.CharField(max_length=255)
    username_key = models.CharField(max_length=255, editable=False)
    external_id = models.CharField(max_length=255, blank=True)
    active = models.BooleanField(default=True)
    document = models.JSONField(default=dict)
    password = models.CharField(max_length=255, blank=True, editable=False)
    version = models.PositiveBigIntegerField(default=1)
    created = models.DateTimeField()
    modified = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "username_key"], name="user_name_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "id"], name="user_page"),
            models.Index(fields=["tenant", "username_key", "id"], name="user_by_name"),
            models.Index(
                fields=["tenant", "external_id"],
                name="user_by_external_id",
                condition=~models.Q(external_id=""),
            ),
            models.Index(fields=["tenant", "modified"], name="user_by_modified"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return self.store.full_name(self.username)


class SearchValue(models.Model):
    """One searchable value of a user, folded: what makes `emails.value eq` an index look-up."""

    LENGTH = 255

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="search_values")
    path = models.CharField(max_length=190)
    value = models.CharField(max_length=LENGTH)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "path", "value", "user"], name="search_by_value")
        ]

    def __str__(self) -> str:
        return f"{self.path}={self.value}"


class Group(Row):
    """A group, or (in the store `Internal`) a role. Members are rows, never a list."""

    tenant = models.ForeignKey(
        Tenant, db_index=False, on_delete=models.PROTECT, related_name="groups"
    )
    store = models.ForeignKey(
        UserStore, db_index=False, on_delete=models.PROTECT, related_name="groups"
    )
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=255, editable=False)
    external_id = models.CharField(max_length=255, blank=True)
    member_count = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveBigIntegerField(default=1)
    created = models.DateTimeField()
    modified = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["store", "name_key"], name="group_name_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "id"], name="group_page"),
            models.Index(fields=["tenant", "name_key", "id"], name="group_by_name"),
            models.Index(
                fields=["tenant", "external_id"],
                name="group_by_external_id",
                condition=~models.Q(external_id=""),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return self.store.full_name(self.name)


class Membership(Row):
    group = models.ForeignKey(
        Group, db_index=False, on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"


def key_of(name: str) -> str:
    """What makes two names the same: names are kept as written and compared without case."""
    return name.casefold()


def split_name(name: str, domains: set[str]) -> tuple[str, str]:
    """`(store domain, bare name)` of a full name.

    A prefix that is not the domain of a store of the tenant is part of the name.

    >>> split_name("staff/kim", {"PRIMARY", "STAFF"})
    ('STAFF', 'kim')
    >>> split_name("a/b", {"PRIMARY"})
    ('PRIMARY', 'a/b')
    """
    prefix, slash, rest = name.partition("/")
    if slash and rest:
        for domain in domains:
            if domain.upper() == prefix.upper():
                return domain, rest
    return PRIMARY, name


Document = dict[str, Any]
