from provisioning.models.audit import AuditEvent
from provisioning.models.entity import AcceptedMember, LinkState, ProvisionedEntity
from provisioning.models.health import ConnectorHealth, Tick
from provisioning.models.job import (
    IS_OPEN,
    OPEN,
    REMOVES,
    TYPES,
    Attempt,
    Job,
    MemberChange,
    Operation,
    Outcome,
    State,
)

__all__ = [
    "IS_OPEN",
    "OPEN",
    "REMOVES",
    "TYPES",
    "AcceptedMember",
    "Attempt",
    "AuditEvent",
    "ConnectorHealth",
    "Job",
    "LinkState",
    "MemberChange",
    "Operation",
    "Outcome",
    "ProvisionedEntity",
    "State",
    "Tick",
]
