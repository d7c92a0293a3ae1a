"""Who is in which group, whether they are stored here or only pass through."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet

from connectors import EntityType
from idp.models import Group, Membership
from provisioning.models import AcceptedMember, PassingEntity, PassingMember, ProvisionedEntity

Pairs = Iterable[tuple[uuid.UUID, uuid.UUID]]


def of_users(user_ids: set[uuid.UUID]) -> Pairs:
    """`(group id, user id)` of all groups these users are in."""
    stored = Membership.objects.filter(user_id__in=user_ids).values_list("group_id", "user_id")
    passing = PassingMember.objects.filter(member_id__in=user_ids)
    return stored.union(passing.values_list("group_id", "member_id"), all=True)


def among(
    group_id: uuid.UUID, users: QuerySet[ProvisionedEntity], *, new_to: uuid.UUID | None = None
) -> Iterator[uuid.UUID]:
    """The members of a group that are among those linked users.

    With `new_to`, without the members that this connector has accepted in the group.
    """
    there = users.values("entity_id")
    stored = Membership.objects.filter(group_id=group_id, user_id__in=there)
    passing = PassingMember.objects.filter(group_id=group_id, member_id__in=there)
    if new_to is not None:
        accepted = AcceptedMember.objects.filter(
            group__connector=new_to, group__entity_id=group_id
        ).values("member_id")
        stored = stored.exclude(user_id__in=accepted)
        passing = passing.exclude(member_id__in=accepted)
    both = stored.values_list("user_id", flat=True).union(
        passing.values_list("member_id", flat=True), all=True
    )
    return both.iterator(chunk_size=5_000)


def left(group_id: uuid.UUID, link: ProvisionedEntity) -> Iterator[uuid.UUID]:
    """Whom the target has accepted in the group and who are not in it any more."""
    stored = Membership.objects.filter(group_id=group_id, user_id=OuterRef("member_id"))
    passing = PassingMember.objects.filter(group_id=group_id, member_id=OuterRef("member_id"))
    gone = AcceptedMember.objects.filter(~Exists(stored), ~Exists(passing), group=link)
    return gone.values_list("member_id", flat=True).iterator(chunk_size=5_000)


def lock_groups(user_ids: set[uuid.UUID], group_ids: set[uuid.UUID]) -> None:
    """Lock these groups, and those of these users, each kind in the order of their ids."""
    joined = Membership.objects.filter(user_id__in=user_ids).values("group_id")
    stored = Group.objects.filter(Q(pk__in=joined) | Q(pk__in=group_ids))
    entered = PassingMember.objects.filter(member_id__in=user_ids).values("group_id")
    passing = PassingEntity.objects.filter(
        Q(pk__in=entered) | Q(pk__in=group_ids), entity_type=EntityType.GROUP
    )
    for rows in (stored, passing):
        list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
