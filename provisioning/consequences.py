"""What else follows from a change: groups a person joined or left, people a role entitles."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from connectors import EntityType
from idp.models import Group, IdentityProvider, Membership, User, key_of
from provisioning import links, owed, planning, subjects
from provisioning.changes import Change
from provisioning.models import LinkState, ProvisionedEntity
from provisioning.outbox import enqueuing
from provisioning.outbox.orders import Order
from provisioning.planning import Kind, Verdict
from provisioning.subjects import Subject
from provisioning.writes import GroupDelta, Written


def everyone_there(subject: Subject, verdict: Verdict) -> list[tuple[uuid.UUID, bool]]:
    """The members of a group who are at a connector already; the others arrive later."""
    there = ProvisionedEntity.objects.filter(
        connector=verdict.connector, entity_type=EntityType.USER, state=LinkState.LINKED
    )
    rows = Membership.objects.filter(
        group_id=subject.id, user_id__in=there.values("entity_id")
    ).values_list("user_id", flat=True)
    return [(user, True) for user in rows.iterator(chunk_size=5_000)]


def queue_groups(change: Change, written: Written) -> None:
    """Memberships that changed with a user: groups joined, and groups a deleted user left."""
    if written.subject.type is not EntityType.USER:
        return
    for one in written.deltas:
        subject = subjects.of_group(one.group)
        rows = [(user, True) for user in one.delta.added]
        _queue_members(change, subject, rows)
    if not written.left_groups:
        return
    groups = Group.objects.filter(pk__in=written.left_groups)
    for group in groups.select_related("store", "tenant").order_by("pk"):
        row = (written.subject.id, False)
        _queue_members(change, subjects.of_group(group), [row], only_kept=True)


def _queue_members(
    change: Change,
    subject: Subject,
    rows: list[tuple[uuid.UUID, bool]],
    *,
    only_kept: bool = False,
) -> None:
    """A group job per connector. `only_kept`: where removed accounts, and so their
    memberships, stay; elsewhere the target drops them with the account."""
    for verdict in planning.plan(subject, change.service_provider, change.door):
        if verdict.kind not in (Kind.CREATE, Kind.UPDATE):
            continue
        if only_kept and (
            verdict.kind is Kind.CREATE or not links.keeps_accounts(verdict.connector)
        ):
            continue
        everyone = verdict.kind is Kind.CREATE
        enqueuing.enqueue(
            Order(
                subject=subject,
                verdict=verdict,
                change_id=change.id,
                door=change.door,
                members=everyone_there(subject, verdict) if everyone else rows,
            )
        )


def queue_role_holders(change: Change, deltas: Sequence[GroupDelta]) -> None:
    """People who gained or lost a role that an identity provider provisions by."""
    listed = _listed_roles(change)
    for one in deltas:
        if key_of(one.group.full_name) not in listed:
            continue
        ids = {*one.delta.added, *one.delta.removed}
        ids.discard(change.entity_id or uuid.UUID(int=0))
        people = User.objects.filter(pk__in=ids).select_related("store", "tenant")
        for user in people.iterator(chunk_size=500):
            _queue_holder(change, subjects.of_user(user))


def _queue_holder(change: Change, subject: Subject) -> None:
    for verdict in planning.plan(subject, change.service_provider, change.door):
        if verdict.kind in (Kind.CREATE, Kind.WITHDRAW):
            enqueuing.enqueue(
                Order(subject=subject, verdict=verdict, change_id=change.id, door=change.door)
            )
        elif verdict.kind is Kind.OWE:
            owed.owe([verdict])


def _listed_roles(change: Change) -> set[str]:
    lists = IdentityProvider.objects.filter(tenant=change.tenant).exclude(provisioning_roles=[])
    return {
        key_of(role)
        for roles in lists.values_list("provisioning_roles", flat=True)
        for role in roles
    }
