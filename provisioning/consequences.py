"""What else follows from a change: groups a person joined or left, people a role entitles."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from connectors import EntityType
from idp import bulk
from idp.models import IdentityProvider, OnDeny, key_of
from provisioning import heldback, links, memberships, owed, planning, records, subjects
from provisioning.changes import Change
from provisioning.models import LinkState, ProvisionedEntity
from provisioning.outbox import enqueuing, withholding
from provisioning.outbox.orders import Order
from provisioning.planning import Kind, Verdict
from provisioning.routes import Routes
from provisioning.subjects import Subject
from provisioning.writes import GroupDelta, Written


def everyone_there(subject: Subject, verdict: Verdict) -> list[tuple[uuid.UUID, bool]]:
    """The whole membership of a group: those who are at a connector already (the others
    arrive later), and those whom it has accepted and who are members no more."""
    there = ProvisionedEntity.objects.filter(
        connector=verdict.connector, entity_type=EntityType.USER, state=LinkState.LINKED
    )
    rows = [(user, True) for user in memberships.among(subject.id, there)]
    link = verdict.place.link if verdict.place else None
    if link is None:
        return rows
    return rows + [(user, False) for user in memberships.left(subject.id, link)]


def follow(change: Change, written: Written, ways: Routes) -> None:
    """Queue what follows from a change, after the jobs for the entity itself."""
    if written.subject.type is EntityType.USER:
        join_groups(change, written.deltas, ways)
        _leave_groups(change, written, ways)
    if written.deltas:
        _queue_role_holders(change, written, ways)


def join_groups(change: Change, deltas: Sequence[GroupDelta], ways: Routes) -> None:
    """Members whom groups gained, to where the groups go."""
    for one in deltas:
        subject = subjects.of_group(one.group)
        _queue_members(change, subject, [(user, True) for user in one.delta.added], ways)


def _leave_groups(change: Change, written: Written, ways: Routes) -> None:
    """The groups that a deleted user was in."""
    if not written.left_groups:
        return
    row = (written.subject.id, False)
    for group in subjects.groups(written.left_groups, passes=written.subject.passes):
        _queue_members(change, group, [row], ways, only_kept=True)


def _queue_members(
    change: Change,
    subject: Subject,
    rows: list[tuple[uuid.UUID, bool]],
    ways: Routes,
    *,
    only_kept: bool = False,
) -> None:
    """A group job per connector. `only_kept`: where removed accounts, and so their
    memberships, stay; elsewhere the target drops them with the account."""
    verdicts = planning.plan(subject, ways, change.door)
    freed = withholding.remember([(subject, verdicts)])
    for verdict in verdicts:
        if verdict.kind not in (Kind.CREATE, Kind.UPDATE):
            continue
        if only_kept and (
            verdict.kind is Kind.CREATE or not links.keeps_accounts(verdict.connector)
        ):
            continue
        everyone = verdict.kind is Kind.CREATE or (subject.id, verdict.connector.pk) in freed
        enqueuing.enqueue(
            Order(
                subject=subject,
                verdict=verdict,
                change_id=change.id,
                door=change.door,
                members=everyone_there(subject, verdict) if everyone else rows,
            )
        )


def _queue_role_holders(change: Change, written: Written, ways: Routes) -> None:
    """People who gained or lost a role that an identity provider provisions by, and those
    about whom a rule may say something else now."""
    listed = _listed_roles(change)
    for one in written.deltas:
        ids = {*one.delta.added, *one.delta.removed}
        ids.discard(written.subject.id)
        held = heldback.rows_of(ids)
        if key_of(one.group.full_name) not in listed:
            ids = held.keys() | _to_withdraw_perhaps(ids)
        for holder in subjects.users(ids, passes=written.subject.passes):
            # Whom a rule holds back goes by the row that would have sent them.
            rows = {**ways.rows, **held.get(holder.id, {})}
            _queue_holder(change, holder, one.group.full_name, Routes(rows))


def _to_withdraw_perhaps(ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Those of them whose account a rule may withdraw."""
    there = ProvisionedEntity.objects.filter(
        entity_id__in=ids,
        state=LinkState.LINKED,
        target__enable_rules=True,
        connector__on_deny=OnDeny.WITHDRAW,
    )
    return set(there.values_list("entity_id", flat=True)) if ids else set()


def _queue_holder(change: Change, subject: Subject, role: str, ways: Routes) -> None:
    verdicts = planning.plan(subject, ways, change.door)
    moved = []
    freed = withholding.remember([(subject, verdicts)])
    for verdict in verdicts:
        lacks = verdict.kind is Kind.UPDATE and (subject.id, verdict.connector.pk) in freed
        if verdict.moves or lacks:
            enqueuing.enqueue(
                Order(subject=subject, verdict=verdict, change_id=change.id, door=change.door)
            )
        elif verdict.kind is Kind.OWE:
            owed.owe([verdict])
        else:
            continue
        moved.append(verdict)
    if moved:
        event = records.entitlement(
            subject,
            moved,
            cause=f"role {role}",
            actor=change.actor,
            door=change.door,
            change_id=change.id,
            service_provider=change.service_provider,
        )
        bulk.insert([event])


def _listed_roles(change: Change) -> set[str]:
    lists = IdentityProvider.objects.filter(tenant=change.tenant).exclude(provisioning_roles=[])
    return {
        key_of(role)
        for roles in lists.values_list("provisioning_roles", flat=True)
        for role in roles
    }
