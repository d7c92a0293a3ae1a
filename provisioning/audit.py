"""The audit trail: rows are added here and nowhere changed."""

from __future__ import annotations

import uuid
from typing import Any

from idp.models import Tenant
from provisioning.models import AuditEvent


def event(
    *,
    tenant: Tenant,
    actor: str,
    action: str,
    subject_type: str,
    subject_id: object = "",
    subject_name: str = "",
    door: str = "",
    service_provider: str = "",
    change_id: uuid.UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """The unsaved row, for those who write many at once. `detail` must hold no secret."""
    return AuditEvent(
        tenant=tenant,
        actor=actor,
        action=action,
        subject_type=subject_type,
        subject_id=str(subject_id),
        subject_name=subject_name[:512],
        door=door,
        service_provider=service_provider,
        change_id=change_id,
        detail=detail or {},
    )


def record(**fields: Any) -> AuditEvent:
    """Write one event; the arguments of `event`."""
    row = event(**fields)
    row.save(force_insert=True)
    return row
