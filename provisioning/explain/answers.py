"""The shape of an answer, as values and as JSON."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors import redaction
from provisioning.gates import Gate
from provisioning.models import Attempt, Job, ProvisionedEntity


@dataclass(frozen=True, slots=True)
class Sent:
    """A job and the last attempts at it, newest first."""

    job: Job
    attempts: Sequence[Attempt] = ()

    def as_json(self) -> dict[str, Any]:
        job = self.job
        return {
            "id": str(job.pk),
            "state": job.state,
            "operation": job.operation,
            "reason": job.reason,
            "attempts": job.attempts,
            "created": job.created.isoformat(),
            "updated": job.updated.isoformat(),
            "last_attempts": [
                {
                    "number": attempt.number,
                    "outcome": attempt.outcome,
                    "status": attempt.status,
                    "reason": attempt.reason,
                    "started": attempt.started.isoformat(),
                    "duration_ms": attempt.duration_ms,
                }
                for attempt in self.attempts
            ],
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a target at some moment, as the audit trail has it."""

    at: datetime
    actor: str
    door: str
    service_provider: str
    action: str
    verdict: str
    reason: str
    gates: tuple[Gate, ...]
    event_id: uuid.UUID
    remote_name: str = ""
    cause: str = ""
    """What was changed, when it was not this entity itself: a role, a list, policies."""

    def as_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "actor": self.actor,
            "door": self.door,
            "service_provider": self.service_provider,
            "action": self.action,
            "verdict": self.verdict,
            "reason": self.reason,
            "gates": gates_json(self.gates),
            "remote_name": self.remote_name,
            "cause": self.cause,
            "event": str(self.event_id),
        }


@dataclass(frozen=True, slots=True)
class Target:
    """The answer for one target.

    `payload` is what would be sent (`provisioning.mapping.payload`), empty when nothing
    is. `state` is the connector's (`provisioning.queries.state_of`); `link` what is
    believed to be there. `decisions` are those of the audit trail, newest first, and only
    for an answer about the past.
    """

    identity_provider: str
    connector: str
    verdict: str
    reason: str
    summary: str
    gates: tuple[Gate, ...]
    remote_name: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    connector_id: uuid.UUID | None = None
    state: str = ""
    link: ProvisionedEntity | None = None
    jobs: Sequence[Sent] = ()
    decisions: Sequence[Decision] = ()
    held_back_since: datetime | None = None
    """Since when a rule or the claim mapping holds them back, if they are remembered and go
    by themselves as soon as it lets them."""

    @property
    def shown_payload(self) -> dict[str, Any]:
        shown: dict[str, Any] = redaction.masked(dict(self.payload))
        return shown

    def as_json(self) -> dict[str, Any]:
        return {
            "identity_provider": self.identity_provider,
            "connector": self.connector,
            "verdict": self.verdict,
            "reason": self.reason,
            "summary": self.summary,
            "gates": gates_json(self.gates),
            "remote_name": self.remote_name,
            "payload": self.shown_payload,
            "connector_state": self.state,
            "link": _link_json(self.link),
            "jobs": [sent.as_json() for sent in self.jobs],
            "held_back_since": (
                self.held_back_since.isoformat() if self.held_back_since else None
            ),
            "decisions": [decision.as_json() for decision in self.decisions],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """`at` is the moment asked for; None: now. `service_provider` is empty for the past
    unless one was asked for: each decision says which it was."""

    name: str
    type: str
    id: uuid.UUID
    service_provider: str
    targets: Sequence[Target]
    at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """`{"user" (or "group"), "service_provider", "targets": […]}`, and some more keys."""
        return {
            self.type: self.name,
            "id": str(self.id),
            "service_provider": self.service_provider,
            "at": self.at.isoformat() if self.at else None,
            "targets": [target.as_json() for target in self.targets],
        }


def gates_json(gates: Sequence[Gate]) -> list[dict[str, Any]]:
    return [{"gate": gate.gate, "ok": gate.ok, "reason": gate.reason} for gate in gates]


def _link_json(link: ProvisionedEntity | None) -> dict[str, Any] | None:
    if link is None:
        return None
    return {
        "id": str(link.pk),
        "state": link.state,
        "remote_name": link.remote_name,
        "remote_id": link.remote_id,
        "active": link.active,
        "adopted": link.adopted,
        "owed": link.owed,
        "accepted_version": link.accepted_version,
        "created": link.created.isoformat(),
        "updated": link.updated.isoformat(),
    }
