"""What is believed to exist at a connector: written from what the target answered."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from connectors import EntityType
from idp import bulk, bulk_update
from idp.models import DeleteAction, OutboundConnector, key_of, new_id
from provisioning.models import AcceptedMember, LinkState, MemberChange, ProvisionedEntity
from provisioning.parcels import Report

_FIELDS = (
    "target",
    "entity_name",
    "state",
    "active",
    "adopted",
    "remote_id",
    "remote_name",
    "name_key",
    "external_id",
    "generation",
    "sealed_accepted",
    "accepted_version",
    "owed",
    "updated",
)


def write(
    connector: OutboundConnector, reports: Sequence[Report], now: datetime
) -> set[uuid.UUID]:
    """Links and accepted members after a batch; returns the entities that are new there."""
    ids = {report.parcel.job.entity_id for report in reports}
    known = {
        (link.entity_type, link.entity_id): link
        for link in ProvisionedEntity.objects.filter(connector=connector, entity_id__in=ids)
    }
    made: list[ProvisionedEntity] = []
    changed: list[ProvisionedEntity] = []
    arrived: set[uuid.UUID] = set()
    for report in reports:
        job = report.parcel.job
        link = known.get((job.entity_type, job.entity_id))
        if report.receipt is not None:
            if (
                link is None
                or link.state != LinkState.LINKED
                or link.remote_id != report.receipt.remote_id
            ):
                arrived.add(job.entity_id)
            if link is not None and link.remote_id != report.receipt.remote_id:
                # Made again: what the account before it held went with that one.
                AcceptedMember.objects.filter(group=link).delete()
            row = link or _new(connector, report, now)
            (changed if link else made).append(row)
            _take(row, report, now)
            known[(job.entity_type, job.entity_id)] = row
        elif report.former and link is not None:
            link.state, link.updated, link.owed = LinkState.FORMER, now, ""
            changed.append(link)
    bulk.insert(made)
    bulk_update.update(changed, _FIELDS)
    _forget(connector, [report for report in reports if report.gone])
    _succeed(connector, [report for report in reports if report.adopted and report.receipt])
    _members(reports, known)
    return arrived - {r.parcel.job.entity_id for r in reports if r.former or r.gone}


def _new(connector: OutboundConnector, report: Report, now: datetime) -> ProvisionedEntity:
    job = report.parcel.job
    return ProvisionedEntity(
        id=new_id(),
        tenant_id=job.tenant_id,
        connector=connector,
        entity_type=job.entity_type,
        entity_id=job.entity_id,
        created=now,
    )


def _take(link: ProvisionedEntity, report: Report, now: datetime) -> None:
    job, receipt = report.parcel.job, report.receipt
    assert receipt is not None  # noqa: S101 the caller asked; mypy cannot see it
    link.target_id = job.target_id
    link.entity_name = job.entity_name
    link.state = LinkState.FORMER if report.former else LinkState.LINKED
    link.active = report.parcel.entity.active and not report.former
    link.adopted = link.adopted or report.adopted
    link.remote_id = receipt.remote_id
    link.remote_name = receipt.remote_name
    link.name_key = key_of(receipt.remote_name)
    link.external_id = report.parcel.entity.external_id
    link.generation = report.parcel.connector.generation
    link.accepted = dict(receipt.accepted)
    link.accepted_version = job.version
    link.owed = ""
    link.updated = now


def _forget(connector: OutboundConnector, gone: Sequence[Report]) -> None:
    """The account is not there any more, and with it its memberships."""
    ids = [report.parcel.job.entity_id for report in gone]
    if not ids:
        return
    AcceptedMember.objects.filter(group__connector=connector, member_id__in=ids).delete()
    ProvisionedEntity.objects.filter(connector=connector, entity_id__in=ids).delete()


def _succeed(connector: OutboundConnector, adopted: Sequence[Report]) -> None:
    """Whose account somebody else took over has none any more."""
    taken = {r.receipt.remote_id: r.parcel.job.entity_id for r in adopted if r.receipt}
    if taken:
        ProvisionedEntity.objects.filter(
            connector=connector,
            remote_id__in=taken,
            state__in=[LinkState.FORMER, LinkState.LEFT],
        ).exclude(entity_id__in=taken.values()).delete()


def _members(
    reports: Iterable[Report], known: dict[tuple[str, uuid.UUID], ProvisionedEntity]
) -> None:
    accepted: list[AcceptedMember] = []
    for report in reports:
        job = report.parcel.job
        link = known.get((job.entity_type, job.entity_id))
        if job.entity_type != EntityType.GROUP or link is None or report.gone:
            continue
        accepted += [AcceptedMember(group=link, member_id=member) for member in report.added]
        _drop(link, report)
    AcceptedMember.objects.bulk_create(accepted, batch_size=1_000, ignore_conflicts=True)


def _drop(link: ProvisionedEntity, report: Report) -> None:
    """Strike off what was taken, and members who are not there: they come when they arrive."""
    for start in range(0, len(report.removed), 5_000):
        part = report.removed[start : start + 5_000]
        AcceptedMember.objects.filter(group=link, member_id__in=part).delete()
    settled = [*report.added, *report.removed, *report.parcel.unsendable]
    for start in range(0, len(settled), 5_000):
        part_settled = settled[start : start + 5_000]
        MemberChange.objects.filter(
            job_id=report.parcel.job.pk, member_id__in=part_settled
        ).delete()


def keeps_accounts(connector: OutboundConnector) -> bool:
    """Whether a removed person's account, and so its memberships, stay at the target."""
    return connector.delete_action != DeleteAction.DELETE
