"""What would become of somebody at each target if a service provider sent them now."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone

from idp import maintenance
from idp.models import OutboundConnector, User
from provisioning import planning, queries, routes, subjects
from provisioning.changes import Door, Event
from provisioning.explain import sent
from provisioning.explain.answers import Explanation, Sent, Target
from provisioning.explain.words import summary
from provisioning.models import HeldBack
from provisioning.places import places_of
from provisioning.planning import Kind, Verdict
from provisioning.subjects import Subject
from serviceproviders.models import ServiceProvider

TOLD_AS = {Kind.OWE: Kind.SKIP}
"""What is owed is not sent now; the reason says so."""


def explain(user: User, service_provider: ServiceProvider) -> dict[str, Any]:
    """`now` for a user, as JSON."""
    return explain_subject(subjects.of_user(user), service_provider)


def explain_subject(subject: Subject, service_provider: ServiceProvider) -> dict[str, Any]:
    """The same for anybody, stored or passing through."""
    return now(subject, service_provider).as_json()


def now(
    subject: Subject,
    service_provider: ServiceProvider,
    *,
    connectors: Sequence[OutboundConnector] | None = None,
) -> Explanation:
    """The very plan that a change of the subject would follow, target by target. Rules are
    told that it is an update.

    Without `connectors`: the targets a change would reach. With: exactly those, reached or
    not. Costs a constant number of queries.
    """
    ways = routes.of(service_provider)
    places = places_of(subject)
    verdicts = planning.plan(subject, ways, Door.CONSOLE, places, event=Event.PUT)
    if connectors is not None:
        verdicts = _for_these(subject, service_provider, verdicts, connectors)
    prefetch_related_objects([verdict.connector for verdict in verdicts], "health")
    jobs = sent.newest(subject.tenant, subject.id)
    remembered = HeldBack.objects.filter(entity_id=subject.id)
    held = dict(remembered.values_list("connector_id", "since"))
    return Explanation(
        name=subject.name,
        type=str(subject.type),
        id=subject.id,
        service_provider=str(service_provider),
        targets=[
            _target(
                verdict,
                jobs.get(verdict.connector.pk, ()),
                held.get(verdict.connector.pk) if verdict.held_back else None,
            )
            for verdict in verdicts
        ],
    )


def _for_these(
    subject: Subject,
    service_provider: ServiceProvider,
    verdicts: Sequence[Verdict],
    connectors: Sequence[OutboundConnector],
) -> list[Verdict]:
    known: dict[uuid.UUID, Verdict] = {verdict.connector.pk: verdict for verdict in verdicts}
    return [
        known.get(connector.pk) or _not_reached(subject, service_provider, connector)
        for connector in connectors
    ]


def _not_reached(
    subject: Subject, service_provider: ServiceProvider, connector: OutboundConnector
) -> Verdict:
    verdict = planning.judge(subject, connector, None, None, Door.CONSOLE, event=Event.PUT)
    why = f"service provider {service_provider} has no outbound row that leads there"
    gates = tuple(
        dataclasses.replace(gate, reason=why) if gate.gate == "outbound" else gate
        for gate in verdict.gates
    )
    first = next(gate.reason for gate in gates if not gate.ok)
    return dataclasses.replace(verdict, gates=gates, reason=first)


def _target(verdict: Verdict, jobs: Sequence[Sent], held: datetime | None) -> Target:
    connector, link = verdict.connector, verdict.place.link if verdict.place else None
    kind = TOLD_AS.get(verdict.kind, verdict.kind)
    state = queries.state_of(connector)
    return Target(
        identity_provider=connector.provider.name,
        connector=connector.type,
        verdict=str(kind),
        reason=verdict.reason,
        summary=summary(
            verdict,
            state,
            jobs[0].job if jobs else None,
            held,
            maintenance.in_words(connector, timezone.now()),
        ),
        gates=verdict.gates,
        remote_name=verdict.remote_name,
        payload=verdict.payload,
        connector_id=connector.pk,
        state=state,
        link=link,
        jobs=jobs,
        held_back_since=held,
    )
