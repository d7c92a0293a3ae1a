"""Everything a batch of leased jobs needs, read in a constant number of queries."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from connectors import Entity, EntityType, Member, MemberChanges
from idp.models import OutboundConnector
from idp.secrets import CannotOpen
from provisioning import causes, heldback, replanning, traces
from provisioning.delivery import dry_run, unanswered
from provisioning.gates import MAPPING
from provisioning.models import (
    GUARD,
    REHEARSED,
    REMOVES,
    AcceptedMember,
    Job,
    LinkState,
    MemberChange,
    Outcome,
    ProvisionedEntity,
)
from provisioning.outbox import guarding, withholding
from provisioning.parcels import Parcel, Report
from provisioning.replanning import Replanned

Loaded = tuple[list[Parcel], list[Report]]


def load(connector: OutboundConnector, jobs: Sequence[Job]) -> Loaded:
    """Parcels ready to send, and reports on jobs that are over without being sent."""
    jobs, reports = _replanned(connector, jobs)
    links = _links(connector, {job.entity_id for job in jobs})
    unanswered.inherit(connector, [job for job in jobs if job.entity_id not in links])
    takers = _name_takers(connector, jobs)
    leaving = dry_run.leaving(connector, takers)
    changes = _changes(connector, jobs)
    parcels: list[Parcel] = []
    for job in jobs:
        try:
            parcel = _parcel(connector, job, links.get(job.entity_id), changes.get(job.pk, []))
        except CannotOpen as error:
            reports.append(_unreadable(connector, job, error))
            continue
        taken_by = takers.get((job.entity_type, job.name_key))
        if taken_by and taken_by.entity_id != job.entity_id:
            reports.append(_taken(parcel, taken_by, (job.entity_type, job.name_key) in leaving))
        else:
            parcels.append(parcel)
    return parcels, reports


def _taken(parcel: Parcel, by: ProvisionedEntity, leaves: bool) -> Report:
    """`leaves`: they would have given the name up, were it not for a dry run."""
    reason = f"remote name taken by {by.entity_name}"
    if leaves:
        reason = f"{dry_run.SAID}would go once {by.entity_name} has given up the name"
        return _unsent(parcel, Outcome.DRY_RUN, REHEARSED, reason)
    return dry_run.judged(_unsent(parcel, Outcome.HELD, "remote_name_taken", reason))


def _replanned(
    connector: OutboundConnector, jobs: Sequence[Job]
) -> tuple[list[Job], list[Report]]:
    """Jobs made under other settings or policies, or before a newer decision, are planned
    again; some then have nothing to send, and those that have become removals meet the
    deletion guard."""
    held = heldback.among(connector, [j.entity_id for j in jobs if j.operation not in REMOVES])
    stale = [
        job
        for job in jobs
        if job.revision != connector.revision
        or (job.entity_id in held and job.operation not in REMOVES)
    ]
    found = replanning.replan(connector, stale)
    reports = [_over(connector, one) for one in found if not one.goes]
    withholding.remember(
        [(o.subject, [o.verdict]) for o in found if o.subject and o.verdict and o.is_held_back],
        known=True,
    )
    anew = [one.job for one in found if one.goes]
    causes = guarding.replanned(connector, anew)
    reports += [
        _unsent(_parcel(connector, job, None, []), Outcome.HELD, GUARD, causes[job.pk])
        for job in anew
        if job.pk in causes
    ]
    unsent = {report.parcel.job.pk for report in reports}
    return [job for job in jobs if job.pk not in unsent], reports


def _over(connector: OutboundConnector, one: Replanned) -> Report:
    """The report on a job that is not to be sent."""
    if one.error is not None:
        return _unreadable(connector, one.job, one.error)
    parcel = _parcel(connector, one.job, None, [])
    if one.verdict is not None and one.verdict.unmappable:
        # It stays wanted: sent once the claim mapping is put right.
        return _unsent(parcel, Outcome.JOB_WRONG, MAPPING, one.objection)
    code = withholding.HELD_BACK if one.is_held_back else "not_wanted"
    return _unsent(parcel, Outcome.NOT_WANTED, code, one.objection)


def _unreadable(connector: OutboundConnector, job: Job, error: CannotOpen) -> Report:
    bare = Parcel(job=job, connector=connector, entity=_nobody(job))
    return _unsent(bare, Outcome.JOB_WRONG, "sealed", str(error))


def _links(
    connector: OutboundConnector, ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, ProvisionedEntity]:
    found = ProvisionedEntity.objects.filter(connector=connector, entity_id__in=set(ids))
    return {link.entity_id: link for link in found}


def _name_takers(
    connector: OutboundConnector, jobs: Sequence[Job]
) -> dict[tuple[str, str], ProvisionedEntity]:
    """Other entities that hold, at the target, a name one of the jobs is about to use."""
    wanted = {job.name_key: job.entity_id for job in jobs if job.name_key}
    found = ProvisionedEntity.objects.filter(
        connector=connector,
        entity_type__in=[kind.value for kind in EntityType],
        name_key__in=wanted,
        state=LinkState.LINKED,
    )
    return {
        (link.entity_type, link.name_key): link
        for link in found
        if wanted[link.name_key] != link.entity_id
    }


def _changes(
    connector: OutboundConnector, jobs: Sequence[Job]
) -> dict[uuid.UUID, list[MemberChange]]:
    groups = [
        job.pk
        for job in jobs
        if job.entity_type == EntityType.GROUP and job.operation not in REMOVES
    ]
    rows: dict[uuid.UUID, list[MemberChange]] = {}
    for row in MemberChange.objects.filter(job_id__in=groups).order_by("id"):
        rows.setdefault(row.job_id, []).append(row)
    return rows


def _parcel(
    connector: OutboundConnector,
    job: Job,
    link: ProvisionedEntity | None,
    rows: Sequence[MemberChange],
) -> Parcel:
    payload = job.payload
    sent = link if link is not None and link.state != LinkState.LEFT else None
    last = sent.accepted if sent else None
    # After a request without an answer we do not know what is there, nor what became of an
    # account that was left to itself: send everything.
    unsure = job.maybe_sent or (sent is not None and sent.state == LinkState.FORMER)
    trace = traces.carried(payload)
    entity = Entity(
        type=EntityType(job.entity_type),
        local_id=str(job.entity_id),
        remote_name=job.remote_name,
        remote_id=sent.remote_id if sent else "",
        external_id=payload["external_id"],
        active=payload["active"],
        attributes=payload["attributes"],
        accepted=None if unsure else last,
        unconfirmed=traces.union(last or {}, trace.attributes),
        accepted_name=sent.remote_name if sent else "",
        password=job.password,
    )
    changes, members, unsendable = _member_changes(connector, rows)
    return Parcel(
        job=job,
        connector=connector,
        entity=entity,
        link=sent,
        create_only=payload.get("create_only") or {},
        maybe_names=tuple(sorted(trace.names)),
        changes=changes,
        members=members,
        unsendable=unsendable,
        causes=causes.of(payload),
    )


def _nobody(job: Job) -> Entity:
    """For a job whose payload cannot be read: a key is missing, or it is damaged."""
    return Entity(EntityType(job.entity_type), str(job.entity_id), job.remote_name)


def _member_changes(
    connector: OutboundConnector, rows: Sequence[MemberChange]
) -> tuple[MemberChanges, dict[str, uuid.UUID], list[uuid.UUID]]:
    """Members that are at the target under an id; the others are sent when they arrive."""
    if not rows:
        return MemberChanges(), {}, []
    there = members_there(connector, [row.member_id for row in rows])
    leaving = _maybe_removed(connector, [row.member_id for row in rows if row.wanted])
    sendable = there.keys() - leaving
    add = [there[row.member_id] for row in rows if row.wanted and row.member_id in sendable]
    remove = [there[row.member_id] for row in rows if not row.wanted and row.member_id in there]
    known = {member.remote_id: local for local, member in there.items()}
    missing = [row.member_id for row in rows if row.member_id not in sendable]
    return MemberChanges(add=add, remove=remove), known, missing


def _maybe_removed(connector: OutboundConnector, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Whose removal was sent and not answered. Taken in by a group now, they could stay its
    members when their accounts are gone; should they be wanted again, they arrive anew."""
    found: set[uuid.UUID] = set()
    for start in range(0, len(ids), 5_000):
        found.update(
            Job.objects.filter(
                connector=connector,
                entity_id__in=ids[start : start + 5_000],
                is_open=True,
                maybe_sent=True,
                operation__in=REMOVES,
            ).values_list("entity_id", flat=True)
        )
    return found


def members_there(
    connector: OutboundConnector, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, Member]:
    found: dict[uuid.UUID, Member] = {}
    for start in range(0, len(ids), 5_000):
        links = ProvisionedEntity.objects.filter(
            connector=connector,
            entity_type=EntityType.USER,
            entity_id__in=ids[start : start + 5_000],
        ).exclude(state=LinkState.LEFT)
        for entity_id, remote_id, name in links.values_list(
            "entity_id", "remote_id", "remote_name"
        ):
            found[entity_id] = Member(remote_id=remote_id, name=name)
    return found


def with_everyone(parcel: Parcel) -> Parcel:
    """The parcel again with the whole wanted membership, for targets that only replace."""
    accepted = AcceptedMember.objects.filter(group=parcel.link) if parcel.link else ()
    removed = {member.remote_id for member in parcel.changes.remove}
    there = members_there(parcel.connector, [row.member_id for row in accepted])
    everyone = {member.remote_id: member for member in there.values()}
    everyone |= {member.remote_id: member for member in parcel.changes.add}
    removed |= {there[one].remote_id for one in _maybe_removed(parcel.connector, list(there))}
    wanted = [member for key, member in everyone.items() if key not in removed]
    return dataclasses.replace(
        parcel,
        changes=dataclasses.replace(parcel.changes, everyone=wanted),
        taken=list(there.values()),
        members={**parcel.members, **{one.remote_id: local for local, one in there.items()}},
    )


def _unsent(parcel: Parcel, outcome: Outcome, code: str, reason: str, **more: Any) -> Report:
    now: datetime = timezone.now()
    return Report(
        parcel=parcel,
        outcome=outcome,
        code=code,
        reason=reason,
        started=now,
        duration_ms=0,
        **more,
    )
