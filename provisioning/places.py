"""Where an entity is already, is on its way to, or may have arrived without our knowing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import CharField, Q, QuerySet, UUIDField

from idp.prepared import Parameter, Prepared
from provisioning.models import Job, LinkState, ProvisionedEntity, State
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
    """Failed ones newer than what the target accepted: they may have taken effect."""

    @property
    def is_there(self) -> bool:
        """Whether the account exists there, or a job that makes it is on its way."""
        if self.link is not None and self.link.state == LinkState.LINKED:
            return True
        return bool(self.open_jobs)


Places = Mapping[uuid.UUID, Place]
"""By connector."""


def _unfinished() -> QuerySet[Job]:
    kept = Q(maybe_sent=True) | Q(sealed_password__isnull=False) | Q(entity_type="group")
    jobs = Job.objects.filter(entity_id=Parameter("entity", UUIDField())).order_by()
    # Two partial indexes: what an entity has behind it may be a long list.
    return jobs.filter(is_open=True).union(jobs.filter(kept, state=State.FAILED), all=True)


_UNFINISHED = Prepared(_unfinished)
_LINKS = Prepared(
    lambda: ProvisionedEntity.objects.filter(
        entity_type=Parameter("type", CharField()),
        entity_id=Parameter("entity", UUIDField()),
    ).order_by()
)


def places_of(subject: Subject) -> Places:
    """Costs two queries."""
    links = {
        link.connector_id: link for link in _LINKS.all(type=subject.type, entity=subject.id)
    }
    waiting: dict[uuid.UUID, list[Job]] = {}
    failed: dict[uuid.UUID, list[Job]] = {}
    unfinished = _UNFINISHED.all(entity=subject.id)
    for job in sorted(unfinished, key=lambda job: job.position):
        link = links.get(job.connector_id)
        if job.state != State.FAILED:
            waiting.setdefault(job.connector_id, []).append(job)
        elif link is None or job.version > link.accepted_version:
            failed.setdefault(job.connector_id, []).append(job)
    return {
        connector_id: Place(
            connector_id,
            _row_of(
                links.get(connector_id), waiting.get(connector_id), failed.get(connector_id)
            ),
            links.get(connector_id),
            tuple(waiting.get(connector_id, ())),
            tuple(failed.get(connector_id, ())),
        )
        for connector_id in {*links, *waiting, *failed}
    }


def _row_of(link: ProvisionedEntity | None, *jobs: list[Job] | None) -> uuid.UUID | None:
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
    if target_id is None:
        return None
    return (
        OutboundTarget.objects.select_related("service_provider")
        .filter(pk=target_id, connector=connector_id, service_provider__retired_at=None)
        .first()
    )
