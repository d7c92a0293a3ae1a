from provisioning.models.attempt import Attempt, Outcome
from provisioning.models.audit import AuditEvent
from provisioning.models.budget import ConnectorBudget
from provisioning.models.chain import AuditChain
from provisioning.models.entity import AcceptedMember, LinkState, ProvisionedEntity
from provisioning.models.health import ConnectorHealth, GuardWindow, Tick
from provisioning.models.hour import DeliveryHour
from provisioning.models.jit import Association, JitEvent
from provisioning.models.job import (
    CONFLICTS,
    GUARD,
    IS_OPEN,
    MISCONFIGURED,
    OPEN,
    REHEARSED,
    REMOVES,
    SKIPPED,
    TYPES,
    Conflict,
    Job,
    MemberChange,
    Operation,
    State,
)
from provisioning.models.login import LoginAttempt, LoginCode, Purpose
from provisioning.models.notification import (
    Cause,
    Notification,
    NotificationPreference,
    NotificationRead,
    Severity,
)
from provisioning.models.passing import PassingEntity, PassingMember
from provisioning.models.policy import Policy, PolicyRevision, PolicyVersion
from provisioning.models.replay import Replay, ReplayAction
from provisioning.models.saml import UsedAssertion
from provisioning.models.seat import Seats
from provisioning.models.signup import SignUp
from provisioning.models.tally import DeliveryTally
from provisioning.models.waiting import HeldBack, Reconsideration, Whom
from provisioning.models.webhook import (
    Channel,
    ConnectorState,
    Event,
    Message,
    Passage,
    Webhook,
)

__all__ = [
    "CONFLICTS",
    "GUARD",
    "IS_OPEN",
    "MISCONFIGURED",
    "OPEN",
    "REHEARSED",
    "REMOVES",
    "SKIPPED",
    "TYPES",
    "AcceptedMember",
    "Association",
    "Attempt",
    "AuditChain",
    "AuditEvent",
    "Cause",
    "Channel",
    "Conflict",
    "ConnectorBudget",
    "ConnectorHealth",
    "ConnectorState",
    "DeliveryHour",
    "DeliveryTally",
    "Event",
    "GuardWindow",
    "HeldBack",
    "JitEvent",
    "Job",
    "LinkState",
    "LoginAttempt",
    "LoginCode",
    "MemberChange",
    "Message",
    "Notification",
    "NotificationPreference",
    "NotificationRead",
    "Operation",
    "Outcome",
    "Passage",
    "PassingEntity",
    "PassingMember",
    "Policy",
    "PolicyRevision",
    "PolicyVersion",
    "ProvisionedEntity",
    "Purpose",
    "Reconsideration",
    "Replay",
    "ReplayAction",
    "Seats",
    "Severity",
    "SignUp",
    "State",
    "Tick",
    "UsedAssertion",
    "Webhook",
    "Whom",
]
