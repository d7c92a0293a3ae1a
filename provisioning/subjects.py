"""The user or group a plan is about, read once and then frozen."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors import EntityType
from idp.models import INTERNAL, Group, Membership, Tenant, User, UserStore


@dataclass(frozen=True, slots=True)
class Subject:
    """`exists` is False once it is deleted; then only what identifies it matters.

    `groups` are the full names of a user's groups and roles.
    """

    tenant: Tenant
    type: EntityType
    id: uuid.UUID
    name: str
    version: int
    exists: bool = True
    external_id: str = ""
    active: bool = True
    store: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()

    @property
    def is_role(self) -> bool:
        return self.type is EntityType.GROUP and self.store == INTERNAL


def of_user(
    user: User, *, exists: bool = True, groups: frozenset[str] | None = None
) -> Subject:
    """Costs one query for the names of the user's groups, unless they are given."""
    if groups is None:
        groups = group_names(user.pk) if exists else frozenset()
    return Subject(
        tenant=user.tenant,
        type=EntityType.USER,
        id=user.pk,
        name=user.full_name,
        version=user.version,
        exists=exists,
        external_id=user.external_id,
        active=user.active,
        store=user.store.domain,
        document=user.document,
        groups=groups,
    )


def of_group(group: Group, *, exists: bool = True) -> Subject:
    return Subject(
        tenant=group.tenant,
        type=EntityType.GROUP,
        id=group.pk,
        name=group.full_name,
        version=group.version,
        exists=exists,
        external_id=group.external_id,
        store=group.store.domain,
    )


def group_names(user_id: uuid.UUID) -> frozenset[str]:
    rows = Membership.objects.filter(user_id=user_id).values_list(
        "group__store__domain", "group__name"
    )
    return frozenset(UserStore(domain=domain).full_name(name) for domain, name in rows)


def find(tenant: Tenant, entity_type: str, entity_id: uuid.UUID) -> Subject | None:
    """The subject as it is in the user store now, or None when it is gone."""
    if entity_type == EntityType.USER:
        user = (
            User.objects.select_related("store", "tenant")
            .filter(tenant=tenant, pk=entity_id)
            .first()
        )
        return of_user(user) if user else None
    group = (
        Group.objects.select_related("store", "tenant")
        .filter(tenant=tenant, pk=entity_id)
        .first()
    )
    return of_group(group) if group else None
