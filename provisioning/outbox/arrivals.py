"""Members who were not at the target when their group was sent are added when they arrive."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Q

from connectors import EntityType
from idp.models import Group, Membership, OutboundConnector
from provisioning import planning, subjects
from provisioning.changes import Door
from provisioning.models import AcceptedMember, Job, LinkState, ProvisionedEntity
from provisioning.outbox import enqueuing
from provisioning.outbox.orders import Order
from provisioning.places import places_of, row_of

Rows = dict[uuid.UUID, list[uuid.UUID]]


def lock_groups(user_ids: Iterable[uuid.UUID], group_ids: Iterable[uuid.UUID]) -> None:
    """Take the row locks that order the groups' jobs, before any job row is locked."""
    joined = Membership.objects.filter(user_id__in=set(user_ids)).values("group_id")
    list(
        Group.objects.filter(Q(pk__in=joined) | Q(pk__in=set(group_ids)))
        .order_by("pk")
        .select_for_update()
        .values_list("pk", flat=True)
    )


def of_users(connector: OutboundConnector, user_ids: set[uuid.UUID]) -> Rows:
    """Per group that is there, or on its way: who has arrived and is not accepted yet."""
    if not user_ids:
        return {}
    rows: Rows = {}
    pairs = Membership.objects.filter(user_id__in=user_ids).values_list("group_id", "user_id")
    for group_id, user_id in pairs:
        rows.setdefault(group_id, []).append(user_id)
    there = set(
        ProvisionedEntity.objects.filter(
            connector=connector,
            entity_type=EntityType.GROUP,
            entity_id__in=rows,
            state=LinkState.LINKED,
        ).values_list("entity_id", flat=True)
    )
    there |= set(
        Job.objects.filter(
            connector=connector, entity_id__in=set(rows) - there, is_open=True
        ).values_list("entity_id", flat=True)
    )
    return {group_id: users for group_id, users in rows.items() if group_id in there}


def of_groups(connector: OutboundConnector, group_ids: set[uuid.UUID]) -> Rows:
    """Members of groups new at the target who are there too and are not accepted yet."""
    rows: Rows = {}
    for group_id in group_ids:
        accepted = AcceptedMember.objects.filter(
            group__connector=connector, group__entity_id=group_id
        ).values("member_id")
        there = ProvisionedEntity.objects.filter(
            connector=connector, entity_type=EntityType.USER, state=LinkState.LINKED
        ).values("entity_id")
        late = (
            Membership.objects.filter(group_id=group_id, user_id__in=there)
            .exclude(user_id__in=accepted)
            .values_list("user_id", flat=True)
        )
        if found := list(late):
            rows[group_id] = found
    return rows


def enqueue(connector: OutboundConnector, rows: Rows, change_id: uuid.UUID) -> None:
    """Queue the additions, one job per group."""
    groups = Group.objects.filter(pk__in=rows).select_related("store", "tenant")
    for group in groups:
        subject = subjects.of_group(group)
        place = places_of(subject).get(connector.pk)
        row = row_of(place)
        verdict = planning.judge(subject, connector, row, place, Door.RECONCILE)
        if verdict.kind not in (planning.Kind.CREATE, planning.Kind.UPDATE):
            continue
        enqueuing.enqueue(
            Order(
                subject=subject,
                verdict=verdict,
                change_id=change_id,
                door=Door.RECONCILE,
                members=[(user_id, True) for user_id in rows[group.pk]],
            )
        )
