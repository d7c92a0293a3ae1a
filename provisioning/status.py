"""How jobs and connectors are doing, as `status` reports it."""

from __future__ import annotations

import time
from typing import Any

from django.db.models import Count

from idp.models import Tenant
from provisioning.models import Job, State
from provisioning.queries import UNDER_WAY, ConnectorRow, connector_rows

LOOK = 0.25


def status(tenant: Tenant | None = None) -> dict[str, Any]:
    """Of one tenant, or of all: how many jobs in each state, and a row per connector."""
    rows = _jobs(tenant).order_by().values_list("state").annotate(n=Count("*"))
    counted = dict(rows)
    return {
        "jobs": {str(state.value): counted.get(state.value, 0) for state in State},
        "connectors": [_told(row) for row in connector_rows(tenant)],
    }


def is_idle(tenant: Tenant | None = None) -> bool:
    """Whether no job is pending or running."""
    return not _jobs(tenant).filter(is_open=True, state__in=UNDER_WAY).exists()


def wait_until_idle(tenant: Tenant | None, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_idle(tenant):
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(LOOK, left))
    return True


def _jobs(tenant: Tenant | None) -> Any:
    return Job.objects.filter(tenant=tenant) if tenant else Job.objects.all()


def _told(row: ConnectorRow) -> dict[str, Any]:
    provider = row.connector.provider
    over = row.maintenance_until
    last_success = row.health.last_success if row.health else None
    return {
        "tenant": provider.tenant.domain,
        "identity_provider": provider.name,
        "connector": row.connector.type,
        "state": row.state,
        "queued": row.queued,
        "oldest_waiting_seconds": row.waiting_seconds,
        "held": row.held,
        "failed": row.failed,
        "held_by_guard": row.held_by_guard,
        "rehearsed": row.rehearsed,
        "owed": row.owed,
        "last_success": last_success.isoformat() if last_success else None,
        "maintenance_until": over.isoformat() if over else None,
        "budget": row.budget.document(),
        "eta_seconds": row.budget.eta,
        "remarks": row.budget.words(),
    }
