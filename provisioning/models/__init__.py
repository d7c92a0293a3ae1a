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
from provisioning.models.passing import PassingEntity, PassingMember
from provisioning.models.tally import DeliveryTally

__all__ = [
    "IS_OPEN",
    "OPEN",
    "REMOVES",
    "TYPES",
    "AcceptedMember",
    "Attempt",
    "AuditEvent",
    "ConnectorHealth",
    "DeliveryTally",
    "Job",
    "LinkState",
    "MemberChange",
    "Operation",
    "Outcome",
    "PassingEntity",
    "PassingMember",
    "ProvisionedEntity",
    "State",
    "Tick",
]
