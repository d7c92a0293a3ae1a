from provisioning.models.audit import AuditEvent
from provisioning.models.chain import AuditChain
from provisioning.models.entity import AcceptedMember, LinkState, ProvisionedEntity
from provisioning.models.health import ConnectorHealth, GuardWindow, Tick
from provisioning.models.job import (
    GUARD,
    IS_OPEN,
    MISCONFIGURED,
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
from provisioning.models.policy import Policy, PolicyRevision, PolicyVersion
from provisioning.models.tally import DeliveryTally
from provisioning.models.waiting import HeldBack, Reconsideration, Whom

__all__ = [
    "GUARD",
    "IS_OPEN",
    "MISCONFIGURED",
    "OPEN",
    "REMOVES",
    "TYPES",
    "AcceptedMember",
    "Attempt",
    "AuditChain",
    "AuditEvent",
    "ConnectorHealth",
    "DeliveryTally",
    "GuardWindow",
    "HeldBack",
    "Job",
    "LinkState",
    "MemberChange",
    "Operation",
    "Outcome",
    "PassingEntity",
    "PassingMember",
    "Policy",
    "PolicyRevision",
    "PolicyVersion",
    "ProvisionedEntity",
    "Reconsideration",
    "State",
    "Tick",
    "Whom",
]
