"""Whether the rules let an entity go to a target, in words an operator understands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from idp.models import OnDeny, OutboundConnector
from provisioning.changes import Event
from provisioning.policies import compiled, requests
from provisioning.policies.compiled import BY_CLOCK, Compiled
from provisioning.rules import Decision, Result
from provisioning.subjects import Subject
from serviceproviders.models import ServiceProvider


@dataclass(frozen=True, slots=True)
class Ruling:
    """`ok`: it may go (Permit, NotApplicable). `withdraws`: who is there loses the account."""

    ok: bool
    reason: str
    decision: Decision
    withdraws: bool = False


def rule_on(
    subject: Subject,
    connector: OutboundConnector,
    service_provider: ServiceProvider,
    operation: str,
    *,
    policies: Compiled | None = None,
    now: datetime | None = None,
) -> Ruling:
    """What the tenant's policies, or the ones given, say. Never raises: what goes wrong is
    Indeterminate, and holds back."""
    chosen = policies or compiled.of(subject.tenant)
    if chosen.library is None:
        return Ruling(False, f"rules: {chosen.problem}", Decision.INDETERMINATE)
    # A time that a policy writes without a zone is the tenant's.
    now = (now or timezone.now()).astimezone(ZoneInfo(subject.tenant.time_zone))
    request = requests.build(subject, connector, service_provider.name, operation, now)
    result = chosen.library.decide(request, now=now)
    withdraws = _withdraws(result, connector)
    if withdraws and operation != Event.POST:
        # A Deny of this operation only holds it back, and says nothing about the account.
        request = requests.build(subject, connector, service_provider.name, Event.POST, now)
        withdraws = _withdraws(chosen.library.decide(request, now=now), connector)
    return Ruling(
        ok=result.decision in (Decision.PERMIT, Decision.NOT_APPLICABLE),
        reason=_words(result, chosen),
        decision=result.decision,
        withdraws=withdraws,
    )


def _withdraws(result: Result, connector: OutboundConnector) -> bool:
    """Only an explicit Deny, and not one by the clock unless the policy says so."""
    if result.decision is not Decision.DENY or connector.on_deny != OnDeny.WITHDRAW:
        return False
    asked = {duty.id for duty in (*result.obligations, *result.advice)}
    return not result.used_clock or BY_CLOCK in asked


def _words(result: Result, chosen: Compiled) -> str:
    if result.decision is Decision.NOT_APPLICABLE:
        return "no rule speaks about it"
    said = {
        Decision.PERMIT: "permitted",
        Decision.DENY: "denied",
        Decision.INDETERMINATE: "undecided",
    }[result.decision]
    where = "; ".join(result.deciding[:3])
    for policy_id, name in chosen.names.items():
        where = where.replace(f"policy {policy_id}", f"policy {name}")
    by = f" by {where}" if where else ""
    why = f": {result.status.message}" if result.status.message else ""
    clock = " at this time" if result.used_clock and result.decision is Decision.DENY else ""
    return f"{said}{by}{clock}{why}"
