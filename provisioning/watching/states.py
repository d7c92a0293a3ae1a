"""Events about the states of connectors, by whatever way they changed: a button, a file,
the API, the identity provider's switch, an answer of the target."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from idp.models import OutboundConnector
from provisioning import events
from provisioning.models import ConnectorState
from provisioning.queries import health_of, state_of


def tell_states() -> None:
    """Three queries while nothing changes."""
    now = timezone.now()
    connectors = OutboundConnector.objects.select_related("provider__tenant", "health")
    known = dict(ConnectorState.objects.values_list("connector_id", "state"))
    for one in connectors.defer("sealed_settings"):
        state = "retired" if one.retired_at or one.provider.retired_at else state_of(one)
        if known.get(one.pk) != state:
            _move(one, known.get(one.pk), state, now)


def _move(connector: OutboundConnector, before: str | None, state: str, now: datetime) -> None:
    with transaction.atomic():
        ConnectorState.objects.update_or_create(
            connector=connector, defaults={"state": state, "since": now}
        )
        if before is not None:
            health = health_of(connector)
            reason = health.quarantine_reason if health and state == "quarantined" else ""
            events.of_connector(connector, before, state, reason)
