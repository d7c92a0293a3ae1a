"""Events that webhooks may wait for, written in the transaction in which they happen.

Nothing is asked and nothing written unless a webhook of the tenant waits for the type: the
tenant's row says so (`Tenant.event_types`), which everybody who gets here has read already.
The `courier` makes messages of the rows. No event holds what a job carries, nor a secret.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from idp import bulk
from idp.models import OutboundConnector, Tenant
from provisioning.models import Event, Job, Notification, State

JOB = "job."
CONNECTOR = "connector.state_changed"
GUARD = "guard.held"
OPENED = "notification.opened"
RESOLVED = "notification.resolved"
TEST = "webhook.test"
"""Sent by the button on the webhook's page, whatever it waits for."""

JOB_STATES = (State.DONE, State.FAILED, State.HELD, State.SUPERSEDED, State.CANCELLED)
TYPES = (*(f"{JOB}{state.value}" for state in JOB_STATES), CONNECTOR, GUARD, OPENED, RESOLVED)
EVERYTHING = "*"

Moved = tuple[Job, State, str, str]
"""A job, the state it went to, and why: a reason code and a reason."""


def wants(tenant: Tenant, type: str) -> bool:
    """Whether some webhook of the tenant waits for events of the type."""
    types = tenant.event_types
    return bool(types) and (EVERYTHING in types or type in types)


def of_jobs(tenant: Tenant, moved: Iterable[Moved]) -> None:
    """The jobs went to these states. One statement, or none."""
    if not tenant.event_types:
        return
    now = timezone.now()
    told = [one for one in moved if wants(tenant, f"{JOB}{one[1].value}")]
    connectors = _connectors(job for job, *_ in told)
    bulk.insert(
        [
            _event(
                tenant,
                f"{JOB}{state.value}",
                f"jobs/{job.pk}",
                _job(job, connectors[job.connector_id], state, code, reason),
                now,
            )
            for job, state, code, reason in told
        ]
    )


def of_alike(tenant: Tenant, jobs: Iterable[Job], state: State, code: str, reason: str) -> None:
    """Jobs that all went to one state for one reason."""
    of_jobs(tenant, ((job, state, code, reason) for job in jobs))


def of_guard(connector: OutboundConnector, held: int, reason: str) -> None:
    """The deletion guard has begun to hold so many jobs more."""
    tenant = connector.provider.tenant
    if wants(tenant, GUARD):
        data = {**_place(connector), "held": held, "reason": reason}
        _write(tenant, GUARD, f"connectors/{connector.pk}", data)


def of_connector(connector: OutboundConnector, before: str, after: str, reason: str) -> None:
    tenant = connector.provider.tenant
    if wants(tenant, CONNECTOR):
        data = {**_place(connector), "from": before, "state": after, "reason": reason}
        _write(tenant, CONNECTOR, f"connectors/{connector.pk}", data)


def of_notifications(rows: Iterable[Notification], type: str) -> None:
    now = timezone.now()
    bulk.insert(
        [
            _event(row.tenant, type, f"notifications/{row.pk}", _notification(row), now)
            for row in rows
            if wants(row.tenant, type)
        ]
    )


def _write(tenant: Tenant, type: str, subject: str, data: dict[str, Any]) -> None:
    bulk.insert([_event(tenant, type, subject, data, timezone.now())])


def _event(
    tenant: Tenant, type: str, subject: str, data: dict[str, Any], at: datetime
) -> Event:
    return Event(tenant_id=tenant.pk, type=type, subject=subject, at=at, data=data)


def _connectors(jobs: Iterable[Job]) -> dict[Any, OutboundConnector]:
    """With their identity providers; those that were read with a job are not read again."""
    found: dict[Any, OutboundConnector] = {}
    missing = set()
    for job in jobs:
        known = job._state.fields_cache.get("connector")
        if known is not None and "provider" in known._state.fields_cache:
            found[job.connector_id] = known
        else:
            missing.add(job.connector_id)
    if missing := missing - found.keys():
        rows = OutboundConnector.objects.select_related("provider").defer("sealed_settings")
        found |= rows.in_bulk(missing)
    return found


def _place(connector: OutboundConnector) -> dict[str, Any]:
    return {"identity_provider": connector.provider.name, "connector": connector.type}


def _job(
    job: Job, connector: OutboundConnector, state: State, code: str, reason: str
) -> dict[str, Any]:
    return {
        "job": str(job.pk),
        "state": state.value,
        "operation": str(job.operation),
        "entity": job.entity_name,
        "entity_id": str(job.entity_id),
        "entity_type": str(job.entity_type),
        **_place(connector),
        "remote_name": job.remote_name,
        "reason": reason,
        "reason_code": code,
        "attempts": job.attempts,
        "change": str(job.change_id),
        "created": job.created.isoformat(),
    }


def _notification(row: Notification) -> dict[str, Any]:
    return {
        "notification": str(row.pk),
        "cause": row.cause,
        "severity": row.severity,
        "title": row.title,
        "text": row.text,
        "count": row.count,
        "link": row.link,
        "opened": row.opened.isoformat(),
        "resolved": row.resolved.isoformat() if row.resolved else None,
    }
