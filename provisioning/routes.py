"""The configured ways out of a service provider, read once for as many plans as are made."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import UUIDField

from idp.models import OutboundConnector
from idp.prepared import Parameter, Prepared
from provisioning.places import Places
from serviceproviders.models import OutboundTarget, ServiceProvider


@dataclass(frozen=True, slots=True)
class Routes:
    """The outbound rows of a service provider, by connector."""

    rows: Mapping[uuid.UUID, OutboundTarget] = field(default_factory=dict)

    @property
    def lead_somewhere(self) -> bool:
        return any(row.connector.is_open for row in self.rows.values())

    @property
    def ask_rules(self) -> bool:
        return any(row.enable_rules for row in self.rows.values())

    @property
    def blocking(self) -> bool:
        return any(row.blocking for row in self.rows.values())


_ROWS = Prepared(
    lambda: OutboundTarget.objects.filter(
        service_provider_id=Parameter("service_provider", UUIDField())
    ).select_related("connector__provider"),
    remembers=True,
)


def of(service_provider: ServiceProvider | None) -> Routes:
    """Costs one query; none for a service provider that is retired."""
    if service_provider is None or service_provider.retired_at is not None:
        return Routes()
    found = _ROWS.all(service_provider=service_provider.pk)
    for row in found:
        row.service_provider = service_provider
        row.connector.provider.tenant = service_provider.tenant
    return Routes({row.connector_id: row for row in found})


def connectors(ids: set[uuid.UUID]) -> list[OutboundConnector]:
    """Connectors that a service provider has no row for."""
    if not ids:
        return []
    found = OutboundConnector.objects.filter(pk__in=ids)
    return list(found.select_related("provider__tenant"))


def judges(places: Places, known: Mapping[uuid.UUID, OutboundTarget]) -> Routes:
    """By connector, the row that provisioned the entity there; `known` ones are not read."""
    by_id = {row.pk: row for row in known.values()}
    ids = {place.target_id for place in places.values() if place.target_id}
    rows = [by_id[pk] for pk in ids & by_id.keys()]
    if missing := ids - by_id.keys():
        others = OutboundTarget.objects.filter(pk__in=missing)
        rows += others.filter(service_provider__retired_at=None).select_related(
            "service_provider"
        )
    return Routes({row.connector_id: row for row in rows})
