"""Members who were not at the target when their group was sent are added when they arrive."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from connectors import EntityType
from idp.models import OutboundConnector
from provisioning import memberships, planning, subjects
from provisioning.changes import Door
from provisioning.models import AcceptedMember, Job, LinkState, ProvisionedEntity
from provisioning.outbox import enqueuing, withholding
from provisioning.outbox.orders import Order
from provisioning.places import places_of, row_of

Rows = dict[uuid.UUID, list[uuid.UUID]]


def lock_groups(user_ids: Iterable[uuid.UUID], group_ids: Iterable[uuid.UUID]) -> None:
    """Take the row locks that order the groups' jobs, before any job row is locked."""
    memberships.lock_groups(set(user_ids), set(group_ids))


def of_users(connector: OutboundConnector, user_ids: set[uuid.UUID]) -> Rows:
    """Per group that is there, or on its way: who has arrived and is not accepted yet."""
    if not user_ids:
        return {}
    rows: Rows = {}
    for group_id, user_id in memberships.of_users(user_ids):
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


def left_out(connector: OutboundConnector, user_ids: set[uuid.UUID]) -> Rows:
    """Per group: who is known again to be there, and was left out while nobody knew."""
    rows = of_users(connector, user_ids)
    accepted = set(
        AcceptedMember.objects.filter(
            group__connector=connector, group__entity_id__in=rows, member_id__in=user_ids
        ).values_list("group__entity_id", "member_id")
    )
    kept = {
        group_id: [user for user in users if (group_id, user) not in accepted]
        for group_id, users in rows.items()
    }
    return {group_id: users for group_id, users in kept.items() if users}


def of_groups(connector: OutboundConnector, group_ids: set[uuid.UUID]) -> Rows:
    """Members of groups new at the target who are there too and are not accepted yet."""
    rows: Rows = {}
    for group_id in group_ids:
        there = ProvisionedEntity.objects.filter(
            connector=connector, entity_type=EntityType.USER, state=LinkState.LINKED
        )
        if found := list(memberships.among(group_id, there, new_to=connector.pk)):
            rows[group_id] = found
    return rows


def enqueue(connector: OutboundConnector, rows: Rows, change_id: uuid.UUID) -> None:
    """Queue the additions, one job per group."""
    groups = [*subjects.groups(rows, passes=False)]
    if len(groups) < len(rows):
        groups += subjects.groups(rows.keys() - {group.id for group in groups}, passes=True)
    for subject in groups:
        place = places_of(subject).get(connector.pk)
        row = row_of(place)
        verdict = planning.judge(subject, connector, row, place, Door.RECONCILE)
        withholding.remember([(subject, [verdict])])
        if verdict.kind not in (planning.Kind.CREATE, planning.Kind.UPDATE):
            continue
        enqueuing.enqueue(
            Order(
                subject=subject,
                verdict=verdict,
                change_id=change_id,
                door=Door.RECONCILE,
                members=[(user_id, True) for user_id in rows[subject.id]],
            )
        )
