"""The questions a target is asked before an entity goes there. Each answers with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors import EntityType
from idp.models import OutboundConnector, key_of
from provisioning import policies, targets
from provisioning.changes import Door, Event
from provisioning.policies.compiled import Compiled
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget

ENABLED = "enabled"


@dataclass(frozen=True, slots=True)
class Gate:
    """One answer. `withdraws`: who is there already and fails it shall lose the account.

    `trivial`: it lets everybody through as things are; the audit trail leaves it out.
    """

    gate: str
    ok: bool
    reason: str
    withdraws: bool = False
    trivial: bool = False

    @property
    def by_rule(self) -> bool:
        """Holds back whoever is to go there, and never a removal."""
        return self.gate == RULE


RULE = "rule"
MAPPING = "mapping"

HOLD_BACK = (RULE, MAPPING)
"""Who fails one of these and no other is remembered, and goes as soon as it lets them."""


@dataclass(frozen=True, slots=True)
class Question:
    subject: Subject
    connector: OutboundConnector
    row: OutboundTarget | None
    door: str
    event: str = Event.POST
    policies: Compiled | None = None
    """Instead of those that are published: for trying out."""


def enabled(question: Question) -> Gate:
    connector = question.connector
    provider = connector.provider
    for what, ok in (
        (f"identity provider {provider.name} is retired", provider.retired_at is None),
        (f"identity provider {provider.name} is disabled", provider.enabled),
        (f"connector {connector.type} is retired", connector.retired_at is None),
        (f"connector {connector.type} is disabled", connector.enabled),
    ):
        if not ok:
            return Gate(ENABLED, False, what)
    return Gate(ENABLED, True, "identity provider and connector are enabled", trivial=True)


def outbound_row(question: Question) -> Gate:
    if question.row is None:
        return Gate("outbound", False, "no service provider sends there any more (no row)")
    sender = question.row.service_provider
    return Gate("outbound", True, f"sent by service provider {sender}", trivial=True)


def jit_outbound(question: Question) -> Gate:
    row = question.row
    if question.door == Door.JIT and row is not None and not row.jit_outbound:
        return Gate("jit", False, "the row has no JIT Outbound")
    return Gate("jit", True, "not a login, or JIT Outbound is on", trivial=True)


def kind(question: Question) -> Gate:
    connector, subject = question.connector, question.subject
    if not targets.handles(connector, subject.type):
        return Gate("type", False, f"{connector.type} as configured takes no {subject.type}s")
    return Gate("type", True, f"takes {subject.type}s", trivial=True)


def group_selection(question: Question) -> Gate:
    """Which groups go there at all: roles never, and of the others what the connector says."""
    subject, connector = question.subject, question.connector
    if subject.type is not EntityType.GROUP:
        return Gate("groups", True, "not a group", trivial=True)
    if subject.is_role:
        return Gate("groups", False, "roles are never sent as groups")
    if not selects_group(connector, subject.name):
        return Gate("groups", False, "the connector does not take this group")
    mapped = mapped_role(connector, subject.name)
    if mapped is None:
        return Gate(
            "groups", False, "the group has no role mapping and unmapped ones are dropped"
        )
    return Gate("groups", True, "the connector takes this group")


def provisioning_role(question: Question) -> Gate:
    roles: list[str] = question.connector.provider.provisioning_roles
    if not roles or question.subject.type is not EntityType.USER:
        return Gate("role", True, "everybody is provisioned", trivial=True)
    held = {key_of(name) for name in question.subject.groups}
    for role in roles:
        if key_of(role) in held:
            return Gate("role", True, f"holds {role}")
    return Gate("role", False, f"holds none of the roles {', '.join(roles)}", withdraws=True)


def rule(question: Question) -> Gate:
    """What the tenant's policies say, where the row asks for them."""
    row = question.row
    if row is None or not row.enable_rules:
        return Gate(RULE, True, "the row does not ask for rules", trivial=True)
    ruling = policies.rule_on(
        question.subject,
        question.connector,
        row.service_provider,
        question.event,
        policies=question.policies,
    )
    return Gate(RULE, ruling.ok, ruling.reason, withdraws=ruling.withdraws)


GATES: tuple[Callable[[Question], Gate], ...] = (
    enabled,
    outbound_row,
    jit_outbound,
    kind,
    group_selection,
    provisioning_role,
    rule,
)


def ask(question: Question) -> tuple[Gate, ...]:
    return tuple(gate(question) for gate in GATES)


def selects_group(connector: OutboundConnector, name: str) -> bool:
    wanted: Any = connector.groups
    if isinstance(wanted, str):
        return wanted == "all"
    return key_of(name) in {key_of(str(one)) for one in wanted}


def mapped_role(connector: OutboundConnector, name: str) -> str | None:
    """The name a group has by role mapping; its own without one; None when dropped."""
    return connector.provider.remote_role(name)


def unmappable(reason: str) -> Gate:
    """Asked last, and only of whom everything else lets through."""
    return Gate(MAPPING, False, reason)
