"""Targets that decide a login: blocking rows with JIT Outbound.

Rules are asked before anybody is made; whether the person is there, after it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from idp.models import OutboundConnector
from provisioning import jit, operations, planning, routes, subjects
from provisioning.changes import Door, Event
from provisioning.jit import Login, NotAdmitted, SignedIn
from provisioning.models import Job, LinkState, State
from provisioning.planning import Kind, Verdict
from provisioning.routes import Routes
from serviceproviders.models import OutboundTarget


def check_rules(login: Login) -> None:
    """Raises `NotAdmitted` when a rule holds the person back from a target that decides."""
    ways = routes.of(login.service_provider)
    deciding = {pk for pk, row in _deciding(ways).items() if row.enable_rules}
    if not deciding:
        return
    foreseen = jit.foresee(login)
    event = Event.POST if foreseen.user is None else Event.PUT
    for verdict in planning.plan(foreseen.subject, ways, Door.JIT, event=event):
        if verdict.connector.pk not in deciding:
            continue
        for gate in verdict.gates:
            if gate.by_rule and not gate.ok:
                raise NotAdmitted(
                    f"{verdict.connector.provider} does not take you: {gate.reason}"
                )


def absent_from(login: Login, done: SignedIn) -> Sequence[OutboundConnector]:
    """Deciding targets that never took the person, though nothing failed just now: an
    earlier login was refused for it. What failed there is queued again."""
    ways = routes.of(login.service_provider)
    deciding = _deciding(ways)
    subject = subjects.find(login.tenant, "user", done.user_id) if deciding else None
    if subject is None:
        return []
    verdicts = planning.plan(subject, ways, Door.JIT, event=Event.PUT)
    absent = [one.connector for one in verdicts if _is_absent(one, deciding)]
    if absent:
        jobs = Job.objects.filter(
            entity_id=done.user_id, connector__in=absent, state=State.FAILED
        )
        operations.retry(jobs, actor=login.provider.name)
    return absent


def _deciding(ways: Routes) -> Mapping[uuid.UUID, OutboundTarget]:
    return {pk: row for pk, row in ways.rows.items() if row.blocking and row.jit_outbound}


def _is_absent(verdict: Verdict, deciding: Mapping[uuid.UUID, OutboundTarget]) -> bool:
    if verdict.connector.pk not in deciding or verdict.kind not in (Kind.CREATE, Kind.UPDATE):
        return False
    place = verdict.place
    if place is None:
        return True
    if any(job.state == State.HELD for job in place.open_jobs):
        return False  # for an operator, or rehearsed: no failure, as with every blocking row
    return place.link is None or place.link.state != LinkState.LINKED
