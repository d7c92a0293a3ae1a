from provisioning.models.attempt import Attempt, Outcome
from provisioning.models.audit import AuditEvent
from provisioning.models.chain import AuditChain
from provisioning.models.entity import AcceptedMember, LinkState, ProvisionedEntity
from provisioning.models.health import ConnectorHealth, GuardWindow, Tick
from provisioning.models.job import (
    CONFLICTS,
    GUARD,
    IS_OPEN,
    MISCONFIGURED,
    OPEN,
    REMOVES,
    SKIPPED,
    TYPES,
    Conflict,
    Job,
    MemberChange,
    Operation,
    State,
)
from provisioning.models.passing import PassingEntity, PassingMember
from provisioning.models.policy import Policy, PolicyRevision, PolicyVersion
from provisioning.models.replay import Replay, ReplayAction
from provisioning.models.tally import DeliveryTally
from provisioning.models.waiting import HeldBack, Reconsideration, Whom

__all__ = [
    "CONFLICTS",
    "GUARD",
    "IS_OPEN",
    "MISCONFIGURED",
    "OPEN",
    "REMOVES",
    "SKIPPED",
    "TYPES",
    "AcceptedMember",
    "Attempt",
    "AuditChain",
    "AuditEvent",
    "Conflict",
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
    "Replay",
    "ReplayAction",
    "State",
    "Tick",
    "Whom",
]
