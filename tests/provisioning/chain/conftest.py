from __future__ import annotations

import pytest

from idp.models import Tenant
from provisioning import audit
from provisioning.chain import sealing
from provisioning.models import AuditEvent


def told(tenant: Tenant, *names: str) -> list[AuditEvent]:
    return [
        audit.record(
            tenant=tenant,
            actor="ops",
            action="user.update",
            subject_type="user",
            subject_id=name,
            subject_name=name,
            detail={"targets": [{"verdict": "update", "n": 1.5}], "attributes": ["title"]},
        )
        for name in names
    ]


@pytest.fixture
def sealed(tenant: Tenant) -> list[AuditEvent]:
    """Six events in the chain."""
    events = told(tenant, *"abcdef")
    sealing.seal_new()
    return events
