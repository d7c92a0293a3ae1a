"""Where an entity is already, is on its way to, or may have arrived without our knowing."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import CharField, Q, QuerySet, UUIDField

from connectors import EntityType
from idp.prepared import Parameter, Prepared
from provisioning.models import OPEN, SKIPPED, Job, LinkState, ProvisionedEntity, State
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget


@dataclass(frozen=True, slots=True)
class Place:
    """A connector that may hold the entity already."""

    connector_id: uuid.UUID
    target_id: uuid.UUID | None
    link: ProvisionedEntity | None = None
    open_jobs: tuple[Job, ...] = ()
    failed_jobs: tuple[Job, ...] = ()
    """Failed or skipped ones newer than what the target accepted: they may have an effect."""

    @property
    def is_there(self) -> bool:
        """Whether the account exists there, or a job that makes it is on its way."""
        if self.link is not None and self.link.state == LinkState.LINKED:
            return True
        return bool(self.open_jobs)


Places = Mapping[uuid.UUID, Place]
"""By connector, or of many entities at one connector: by entity."""


def _kept(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Those that still say something: open, or failed with something to hand over."""
    kept = Q(maybe_sent=True) | Q(sealed_password__isnull=False) | Q(entity_type="group")
    failed = jobs.filter(kept, state=State.FAILED)
    skipped = jobs.filter(kept, state=State.CANCELLED, reason_code=SKIPPED)
    # By partial indexes: what an entity has behind it may be a long list.
    return jobs.filter(is_open=True).union(failed, skipped, all=True)


_UNFINISHED = Prepared(
    lambda: _kept(Job.objects.filter(entity_id=Parameter("entity", UUIDField())).order_by())
)
_LINKS = Prepared(
    lambda: ProvisionedEntity.objects.filter(
        entity_type=Parameter("type", CharField()),
        entity_id=Parameter("entity", UUIDField()),
    ).order_by()
)


def places_of(subject: Subject) -> Places:
    """Costs two queries.

    Jobs first: one that a worker finishes between the two has then left its link. Asked the
    other way round, the entity would be nowhere, and its delete would never be sent.
    """
    jobs: dict[uuid.UUID, list[Job]] = {}
    for job in _UNFINISHED.all(entity=subject.id):
        jobs.setdefault(job.connector_id, []).append(job)
    links = {
        link.connector_id: link for link in _LINKS.all(type=subject.type, entity=subject.id)
    }
    return {
        connector_id: _place(connector_id, links.get(connector_id), jobs.get(connector_id, []))
        for connector_id in {*links, *jobs}
    }


def places_at(connector_id: uuid.UUID, ids: Collection[uuid.UUID]) -> Places:
    """Of many entities, by entity, their place at one connector. Costs two queries."""
    jobs: dict[uuid.UUID, list[Job]] = {}
    unfinished = Job.objects.filter(connector=connector_id, entity_id__in=ids).order_by()
    for job in _kept(unfinished):
        jobs.setdefault(job.entity_id, []).append(job)
    found = ProvisionedEntity.objects.filter(connector=connector_id, entity_id__in=ids)
    links = {link.entity_id: link for link in found.order_by()}
    return {
        entity_id: _place(connector_id, links.get(entity_id), jobs.get(entity_id, []))
        for entity_id in {*links, *jobs}
    }


def _place(
    connector_id: uuid.UUID, link: ProvisionedEntity | None, jobs: Sequence[Job]
) -> Place:
    in_order = sorted(jobs, key=lambda job: job.position)
    waiting = tuple(job for job in in_order if job.state in OPEN)
    failed = tuple(
        job for job in in_order if job.state not in OPEN and _still_matters(job, link)
    )
    return Place(connector_id, _row_of(link, waiting, failed), link, waiting, failed)


def _still_matters(job: Job, link: ProvisionedEntity | None) -> bool:
    """A group is accepted before its members are: what is left of them has to go on."""
    if link is None or job.entity_type == EntityType.GROUP:
        return True
    return job.version > link.accepted_version


def _row_of(link: ProvisionedEntity | None, *jobs: Sequence[Job]) -> uuid.UUID | None:
    """The outbound row that provisioned it, or is about to."""
    if link is not None and link.target_id is not None:
        return link.target_id
    return next((listed[-1].target_id for listed in jobs if listed), None)


def row_of(place: Place | None) -> OutboundTarget | None:
    """The outbound row that judges what happens at a place."""
    if place is None or place.target_id is None:
        return None
    return judge_at(place.connector_id, place.target_id)


def judge_at(connector_id: uuid.UUID, target_id: uuid.UUID | None) -> OutboundTarget | None:
    """That row, unless it leads elsewhere by now or its service provider is retired."""
    return judges_at(connector_id, {target_id}).get(target_id) if target_id else None


def judges_at(
    connector_id: uuid.UUID, ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, OutboundTarget]:
    """Those of these rows that lead there, of service providers that are not retired."""
    if not ids:
        return {}
    rows = OutboundTarget.objects.filter(
        pk__in=ids, connector=connector_id, service_provider__retired_at=None
    )
    return {row.pk: row for row in rows.select_related("service_provider")}
