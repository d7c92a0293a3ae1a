"""Until when a connector has nothing left."""

from __future__ import annotations

from datetime import datetime, timedelta

from idp.models import OutboundConnector
from provisioning.budgets.force import is_current
from provisioning.models import ConnectorBudget

LATELY = timedelta(minutes=1)


def waits_until(connector: OutboundConnector, now: datetime) -> datetime | None:
    """When the budget allows the next request; None: now."""
    row = row_of(connector)
    if row is None or row.next_at is None or not is_current(row, connector):
        return None
    return row.next_at if row.next_at > now else None


def holds_up(connector: OutboundConnector, now: datetime) -> bool:
    """Whether the budget is why what is due has not gone: it is spent, or some of it was
    within the last minute."""
    row = row_of(connector)
    if row is None:
        return False
    return waits_until(connector, now) is not None or now - row.counted_at < LATELY


def row_of(connector: OutboundConnector) -> ConnectorBudget | None:
    """Asks the database unless it was read with the connector."""
    return getattr(connector, "spent", None)
