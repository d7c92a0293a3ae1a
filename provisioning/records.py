"""What the audit trail keeps of a verdict: enough to say later why, and no values."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioning import audit
from provisioning.gates import Gate
from provisioning.models import AuditEvent
from provisioning.planning import Verdict
from provisioning.subjects import Subject
from serviceproviders.models import ServiceProvider


def of(
    verdicts: Sequence[Verdict], subject: Subject, caller: ServiceProvider | None = None
) -> list[dict[str, Any]]:
    """One compact entry per target, as `AuditEvent.detail["targets"]` holds them.

    Of the gates it keeps those that said something about this entity; of the names there
    and of the judging service provider only what the event itself does not tell.
    """
    return [_entry(verdict, subject, caller) for verdict in verdicts]


def _entry(
    verdict: Verdict, subject: Subject, caller: ServiceProvider | None
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "identity_provider": verdict.connector.provider.name,
        "connector": verdict.connector.type,
        "verdict": verdict.kind,
        "reason": verdict.reason,
    }
    if verdict.remote_name and verdict.remote_name != subject.name:
        entry["remote_name"] = verdict.remote_name
    row = verdict.row
    if row is not None and caller is not None and row.service_provider_id != caller.pk:
        entry["row_of"] = str(row.service_provider)
    # Whoever is deleted goes whatever is said; what rules say of it is on record.
    asked = [g for g in verdict.gates if not g.trivial and (subject.exists or g.by_rule)]
    if passed := {gate.gate: gate.reason for gate in asked if gate.ok}:
        entry["passed"] = passed
    if failed := {gate.gate: gate.reason for gate in asked if not gate.ok}:
        entry["failed"] = failed
    return entry


def entitlement(
    subject: Subject,
    verdicts: Sequence[Verdict],
    *,
    cause: str,
    actor: str,
    door: str,
    change_id: uuid.UUID,
    service_provider: ServiceProvider | None = None,
) -> AuditEvent:
    """The unsaved event that tells, in somebody's own trail, of an account that comes or
    goes though nobody changed them: a role, a list or a policy was changed."""
    return audit.event(
        tenant=subject.tenant,
        actor=actor,
        action=f"{subject.type}.entitlement",
        subject_type=subject.type,
        subject_id=subject.id,
        subject_name=subject.name,
        door=door,
        service_provider=str(service_provider or ""),
        change_id=change_id,
        detail={"targets": of(verdicts, subject, service_provider), "cause": cause},
    )


@dataclass(frozen=True, slots=True)
class Recorded:
    """One target of an audit event as it was decided then."""

    identity_provider: str
    connector: str
    verdict: str
    reason: str
    remote_name: str = ""
    row_of: str = ""
    gates: tuple[Gate, ...] = field(default=())


def read(detail: Mapping[str, Any]) -> Iterator[Recorded]:
    """The targets that an event tells of; events that decided nothing have none."""
    for entry in detail.get("targets", ()):
        passed, failed = entry.get("passed", {}), entry.get("failed", {})
        yield Recorded(
            identity_provider=entry["identity_provider"],
            connector=entry["connector"],
            verdict=entry["verdict"],
            reason=entry["reason"],
            remote_name=entry.get("remote_name", ""),
            row_of=entry.get("row_of", ""),
            gates=(
                *(Gate(name, False, reason) for name, reason in failed.items()),
                *(Gate(name, True, reason) for name, reason in passed.items()),
            ),
        )
