"""Why does somebody have an account somewhere, or not? Sends nothing, changes nothing."""

from __future__ import annotations

from typing import Any

from idp.models import User
from provisioning import planning, routes, subjects
from provisioning.changes import Door
from provisioning.planning import Kind, Verdict
from provisioning.subjects import Subject
from serviceproviders.models import ServiceProvider

TOLD_AS = {Kind.OWE: Kind.SKIP}
"""What is owed is not sent now; the reason says so."""


def explain(user: User, service_provider: ServiceProvider) -> dict[str, Any]:
    """What would become of the user at each target if that service provider sent them now."""
    return explain_subject(subjects.of_user(user), service_provider)


def explain_subject(subject: Subject, service_provider: ServiceProvider) -> dict[str, Any]:
    """The same for anybody, stored or passing through."""
    ways = routes.of(service_provider)
    verdicts = planning.plan(subject, ways, Door.CONSOLE)
    return {
        "user": subject.name,
        "service_provider": str(service_provider),
        "targets": [_told(verdict) for verdict in verdicts],
    }


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "identity_provider": verdict.connector.provider.name,
        "connector": verdict.connector.type,
        "verdict": str(TOLD_AS.get(verdict.kind, verdict.kind)),
        "reason": verdict.reason,
        "gates": [
            {"gate": gate.gate, "ok": gate.ok, "reason": gate.reason} for gate in verdict.gates
        ],
        "remote_name": verdict.remote_name,
        "payload": dict(verdict.payload),
    }
