"""What was decided about somebody up to some moment, and why: from the audit trail."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from idp.models import OutboundConnector, Tenant
from provisioning import records
from provisioning.explain import sent
from provisioning.explain.answers import Decision, Explanation, Sent, Target
from provisioning.models import AuditEvent, ProvisionedEntity
from serviceproviders.models import ServiceProvider

EVENTS = 1_000
"""How many of the entity's events are read back; whoever asks for more asks for earlier."""
DECISIONS = 10

Where = tuple[str, str]
"""Names of the identity provider and of the connector's type."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Somebody as the trail knows them; they may be gone from the store."""

    tenant: Tenant
    type: str
    id: uuid.UUID
    name: str


def past(
    somebody: Remembered,
    at: datetime,
    *,
    service_provider: ServiceProvider | None = None,
    connectors: Sequence[OutboundConnector] | None = None,
) -> Explanation:
    """The newest decision about each target that was taken until `at`, and those before it.

    With `service_provider`: only its. Targets nothing was ever decided about are left out.
    Costs a constant number of queries.
    """
    events = _events(somebody, at, service_provider)
    decided = _decided(events, connectors)
    jobs = sent.newest(somebody.tenant, somebody.id, at)
    links = _links(somebody, at)
    known = _connectors(somebody.tenant)
    return Explanation(
        name=somebody.name,
        type=somebody.type,
        id=somebody.id,
        service_provider=str(service_provider) if service_provider else "",
        at=at,
        targets=[
            _target(where, decisions, known.get(where), jobs, links)
            for where, decisions in decided.items()
        ],
    )


def _events(
    somebody: Remembered, at: datetime, service_provider: ServiceProvider | None
) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.filter(
        tenant=somebody.tenant, subject_id=str(somebody.id), at__lte=at
    )
    if service_provider is not None:
        events = events.filter(service_provider=str(service_provider))
    return events.order_by("-id")[:EVENTS]


def _decided(
    events: QuerySet[AuditEvent], connectors: Sequence[OutboundConnector] | None
) -> dict[Where, list[Decision]]:
    """Newest first. Beyond the first few only what changed there is kept: creates, removals."""
    wanted = None if connectors is None else {(c.provider.name, c.type) for c in connectors}
    found: dict[Where, list[Decision]] = {}
    for event in events:
        for where, decision in _of_event(event):
            if wanted is not None and where not in wanted:
                continue
            listed = found.setdefault(where, [])
            if len(listed) < DECISIONS or decision.verdict not in ("update", "skip"):
                listed.append(decision)
    return found


def _of_event(event: AuditEvent) -> Iterator[tuple[Where, Decision]]:
    for told in records.read(event.detail):
        yield (
            (told.identity_provider, told.connector),
            Decision(
                at=event.at,
                actor=event.actor,
                door=event.door,
                service_provider=told.row_of or event.service_provider,
                action=event.action,
                verdict=told.verdict,
                reason=told.reason,
                gates=told.gates,
                remote_name=told.remote_name or event.subject_name,
                cause=event.detail.get("cause", ""),
                event_id=event.pk,
            ),
        )


def _links(somebody: Remembered, at: datetime) -> dict[uuid.UUID, ProvisionedEntity]:
    """What is there still and was there then."""
    rows = ProvisionedEntity.objects.filter(
        tenant=somebody.tenant, entity_id=somebody.id, created__lte=at
    )
    return {link.connector_id: link for link in rows.defer("sealed_accepted")}


def _connectors(tenant: Tenant) -> dict[Where, uuid.UUID]:
    rows = OutboundConnector.objects.filter(provider__tenant=tenant)
    return {
        (name, kind): pk for pk, name, kind in rows.values_list("pk", "provider__name", "type")
    }


def _target(
    where: Where,
    decisions: Sequence[Decision],
    connector_id: uuid.UUID | None,
    jobs: dict[uuid.UUID, list[Sent]],
    links: dict[uuid.UUID, ProvisionedEntity],
) -> Target:
    last = decisions[0]
    sends = last.verdict in ("create", "update", "delete", "withdraw")
    return Target(
        identity_provider=where[0],
        connector=where[1],
        verdict="skip" if last.verdict == "owe" else last.verdict,
        reason=last.reason,
        summary=_summary(decisions),
        gates=last.gates,
        remote_name=last.remote_name if sends else "",
        connector_id=connector_id,
        link=links.get(connector_id) if connector_id else None,
        jobs=jobs.get(connector_id, ()) if connector_id else (),
        decisions=decisions,
    )


def _summary(decisions: Sequence[Decision]) -> str:
    last = decisions[0]
    by = f"by {last.actor}" + (f" through {last.door}" if last.door else "")
    said = f"Decided {last.at:%Y-%m-%d %H:%M} UTC {by}: {last.verdict}, {last.reason}."
    first = next((one for one in decisions if one.verdict == "create"), None)
    if first is not None and first is not last:
        said += f" Created {first.at:%Y-%m-%d %H:%M} UTC by {first.actor}: {first.reason}."
    return said
