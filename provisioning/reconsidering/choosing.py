"""Whom a reconsideration is about, some hundred at a time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from connectors import EntityType
from provisioning import role_lists
from provisioning.models import (
    HeldBack,
    LinkState,
    ProvisionedEntity,
    Reconsideration,
    Whom,
)

BATCH = 200


def candidates(one: Reconsideration) -> Sequence[uuid.UUID]:
    """The next of those who may have to move, by id."""
    later = {"entity_id__gt": one.after} if one.after else {}
    there = ProvisionedEntity.objects.filter(
        connector=one.connector, state=LinkState.LINKED, **later
    )
    if one.whom == Whom.GROUPS:
        groups = there.filter(entity_type=EntityType.GROUP).order_by("entity_id")
        return list(groups.values_list("entity_id", flat=True)[:BATCH])
    held = HeldBack.objects.filter(connector=one.connector, **later)
    ids = set(held.order_by("entity_id").values_list("entity_id", flat=True)[:BATCH])
    if one.whom != Whom.HELD_BACK:
        ids |= set(there.order_by("entity_id").values_list("entity_id", flat=True)[:BATCH])
    if one.whom == Whom.ENTITLED:
        connector = one.connector
        people = role_lists.gainers(connector, connector.provider.provisioning_roles, one.lists)
        people = people.filter(pk__gt=one.after) if one.after else people
        ids |= set(people.order_by("pk").values_list("pk", flat=True)[:BATCH])
    return sorted(ids)[:BATCH]
