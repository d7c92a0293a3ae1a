"""What shall happen to one entity at each target, and why. Reads only.

The same call feeds the jobs, the audit trail, `explain` and the console's "why?".
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Q

from connectors import EntityType
from idp.models import OutboundConnector
from provisioning import gates, mapping, targets
from provisioning.models import Job, LinkState, ProvisionedEntity, State
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget, ServiceProvider


class Kind(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    WITHDRAW = "withdraw"
    OWE = "owe"
    SKIP = "skip"


SENDS = (Kind.CREATE, Kind.UPDATE, Kind.DELETE, Kind.WITHDRAW)


@dataclass(frozen=True, slots=True)
class Place:
    """A connector that may hold the entity already."""

    connector_id: uuid.UUID
    target_id: uuid.UUID | None
    link: ProvisionedEntity | None = None
    open_jobs: tuple[Job, ...] = ()
    failed_jobs: tuple[Job, ...] = ()
    """Failed ones newer than what the target accepted: they may have taken effect."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`payload` is what a job carries (see `mapping.payload`); empty unless it is sent."""

    connector: OutboundConnector
    row: OutboundTarget | None
    kind: Kind
    reason: str
    gates: tuple[gates.Gate, ...] = ()
    remote_name: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None


def plan(
    subject: Subject, service_provider: ServiceProvider | None, door: str
) -> list[Verdict]:
    """A verdict for every target the change reaches.

    Creates follow the caller's outbound rows. Where the entity is already (or on its way),
    updates and deletes go too, judged by the row that provisioned it. Costs a constant
    number of queries per connector.
    """
    rows = _rows(service_provider)
    places = places_of(subject)
    missing = set(places) - {row.connector_id for row in rows.values()}
    connectors = {row.connector_id: row.connector for row in rows.values()}
    connectors |= {found.pk: found for found in _connectors(missing)}
    judges = _judges(places, connectors)
    verdicts = []
    for connector_id, connector in connectors.items():
        place = places.get(connector_id)
        row = judges.get(connector_id) or rows.get(connector_id)
        verdicts.append(judge(subject, connector, row, place, door))
    return verdicts


def judge(
    subject: Subject,
    connector: OutboundConnector,
    row: OutboundTarget | None,
    place: Place | None,
    door: str,
) -> Verdict:
    """The verdict for one target."""
    asked = gates.ask(gates.Question(subject, connector, row, door))
    if not subject.exists:
        return _removal(subject, connector, row, place, asked, Kind.DELETE, "deleted")
    objection = next((gate for gate in asked if not gate.ok), None)
    if objection is None:
        known = place is not None and is_there(place)
        kind = Kind.UPDATE if known else Kind.CREATE
        return _sent(subject, connector, row, place, asked, kind)
    others = [gate for gate in asked if not gate.ok and not gate.withdraws]
    if objection.withdraws and place is not None and not others:
        return _removal(subject, connector, row, place, asked, Kind.WITHDRAW, objection.reason)
    return Verdict(connector, row, Kind.SKIP, objection.reason, asked, place=place)


def is_there(place: Place) -> bool:
    """Whether the account exists there, or a job that makes it is on its way."""
    if place.link is not None and place.link.state == LinkState.LINKED:
        return True
    return bool(place.open_jobs)


def _sent(
    subject: Subject,
    connector: OutboundConnector,
    row: OutboundTarget | None,
    place: Place | None,
    asked: tuple[gates.Gate, ...],
    kind: Kind,
) -> Verdict:
    return Verdict(
        connector,
        row,
        kind,
        "entitled",
        asked,
        remote_name=name_there(subject, connector),
        payload=mapping.payload(subject, connector),
        place=place,
    )


def _removal(
    subject: Subject,
    connector: OutboundConnector,
    row: OutboundTarget | None,
    place: Place | None,
    asked: tuple[gates.Gate, ...],
    kind: Kind,
    reason: str,
) -> Verdict:
    nothing = place is None or not (
        is_there(place) or any(j.maybe_sent for j in place.failed_jobs)
    )
    if place is None or nothing:
        why = reason if kind is Kind.WITHDRAW else "not provisioned there"
        return Verdict(connector, row, Kind.SKIP, why, asked, place=place)
    if place.link is not None and not connector.is_open:
        return Verdict(
            connector,
            row,
            Kind.OWE,
            f"{reason}, but the connector is disabled",
            asked,
            place=place,
        )
    name = place.link.remote_name if place.link else name_there(subject, connector)
    payload = mapping.payload(subject, connector) if subject.exists else mapping.bare(subject)
    return Verdict(
        connector, row, kind, reason, asked, remote_name=name, payload=payload, place=place
    )


def name_there(subject: Subject, connector: OutboundConnector) -> str:
    name = subject.name
    if subject.type is EntityType.GROUP:
        name = gates.mapped_role(connector, name) or name
    return targets.remote_name(connector, subject.type, name)


def places_of(subject: Subject) -> dict[uuid.UUID, Place]:
    """Where the entity is, is on its way to, or may have arrived without our knowing."""
    links = {
        link.connector_id: link
        for link in ProvisionedEntity.objects.filter(
            entity_type=subject.type, entity_id=subject.id
        )
    }
    waiting: dict[uuid.UUID, list[Job]] = {}
    failed: dict[uuid.UUID, list[Job]] = {}
    kept = Q(maybe_sent=True) | Q(sealed_password__isnull=False) | Q(entity_type="group")
    jobs = Job.objects.filter(Q(is_open=True) | Q(state=State.FAILED) & kept)
    for job in jobs.filter(entity_id=subject.id).order_by("position"):
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


def _rows(service_provider: ServiceProvider | None) -> dict[uuid.UUID, OutboundTarget]:
    if service_provider is None or service_provider.retired_at is not None:
        return {}
    rows = OutboundTarget.objects.filter(service_provider=service_provider).select_related(
        "connector__provider__tenant", "service_provider"
    )
    rows = rows.prefetch_related(
        "connector__provider__role_mappings", "connector__provider__claim_mappings"
    )
    return {row.connector_id: row for row in rows}


def _connectors(ids: set[uuid.UUID]) -> list[OutboundConnector]:
    if not ids:
        return []
    found = OutboundConnector.objects.filter(pk__in=ids).select_related("provider__tenant")
    return list(found.prefetch_related("provider__role_mappings", "provider__claim_mappings"))


def _judges(
    places: Mapping[uuid.UUID, Place], connectors: Mapping[uuid.UUID, OutboundConnector]
) -> dict[uuid.UUID, OutboundTarget]:
    ids = [place.target_id for place in places.values() if place.target_id]
    if not ids:
        return {}
    rows = OutboundTarget.objects.filter(
        pk__in=ids, service_provider__retired_at=None
    ).select_related("service_provider")
    return {row.connector_id: row for row in rows if row.connector_id in connectors}


def row_of(place: Place | None) -> OutboundTarget | None:
    """The outbound row that judges what happens at a place."""
    if place is None or place.target_id is None:
        return None
    return (
        OutboundTarget.objects.select_related("service_provider")
        .filter(pk=place.target_id, service_provider__retired_at=None)
        .first()
    )
