"""Rules of blocking targets decide a login before anybody is made."""

from __future__ import annotations

from provisioning import jit, planning, routes
from provisioning.changes import Door, Event
from provisioning.jit import Login, NotAdmitted


def check(login: Login) -> None:
    """Raises `NotAdmitted` when a rule holds the person back from a target that decides."""
    ways = routes.of(login.service_provider)
    deciding = {
        pk: row
        for pk, row in ways.rows.items()
        if row.blocking and row.jit_outbound and row.enable_rules
    }
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
