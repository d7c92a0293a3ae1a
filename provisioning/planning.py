"""What shall happen to one entity at each target, and why. Reads only.

The same call feeds the jobs, the audit trail, `explain` and the console's "why?".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from connectors import EntityType, LocalName
from idp.models import PRIMARY, OutboundConnector
from provisioning import gates, mapping, targets
from provisioning import routes as routing
from provisioning.changes import Event
from provisioning.models import REMOVES, State
from provisioning.places import Place, Places, places_of
from provisioning.policies import compiled
from provisioning.policies.compiled import Compiled
from provisioning.routes import Routes
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget


class Kind(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    WITHDRAW = "withdraw"
    OWE = "owe"
    SKIP = "skip"


SENDS = (Kind.CREATE, Kind.UPDATE, Kind.DELETE, Kind.WITHDRAW)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`payload` is what a job carries (see `mapping.payload`); empty unless it is sent."""

    connector: OutboundConnector
    row: OutboundTarget | None
    kind: Kind
    reason: str
    gates: tuple[gates.Gate, ...] = ()
    remote_name: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None

    @property
    def moves(self) -> bool:
        """An account comes or goes: made, withdrawn, or not withdrawn after all."""
        jobs = self.place.open_jobs if self.place else ()
        going = any(job.operation in REMOVES for job in jobs)
        if self.kind is Kind.UPDATE:
            return going
        return self.kind is Kind.CREATE or (self.kind is Kind.WITHDRAW and not going)

    @property
    def disables(self) -> bool:
        """An account that is active there, or about to be, shall not be so any more."""
        if self.kind not in (Kind.CREATE, Kind.UPDATE) or self.payload.get("active", True):
            return False
        if self.place is None or self.place.link is not None:
            return self.place is not None and bool(self.place.link and self.place.link.active)
        return any(job.state == State.RUNNING for job in self.place.open_jobs)

    @property
    def held_back(self) -> bool:
        """Everything else would let it go, or stay: a rule objects, or an expression of the
        claim mapping has no answer."""
        kept_away = self.kind in (Kind.SKIP, Kind.WITHDRAW)
        return kept_away and self.objection in gates.HOLD_BACK

    @property
    def unmappable(self) -> bool:
        return self.objection == gates.MAPPING

    @property
    def objection(self) -> str:
        """The first gate that says no."""
        return next((gate.gate for gate in self.gates if not gate.ok), "")


def plan(
    subject: Subject,
    routes: Routes,
    door: str,
    places: Places | None = None,
    *,
    event: str = Event.POST,
    policies: Compiled | None = None,
) -> list[Verdict]:
    """A verdict for every target the change reaches.

    Creates follow the caller's outbound rows. Where the entity is already (or on its way),
    updates and deletes go too, judged by the row that provisioned it. `places` are read
    unless the caller knows them. `event` is what rules are told; `policies` are looked up
    once, unless the caller has them.
    """
    if places is None:
        places = places_of(subject)
    connectors = {row.connector_id: row.connector for row in routes.rows.values()}
    for found in routing.connectors(set(places) - set(connectors)):
        connectors[found.pk] = found
    rows = {**routes.rows, **routing.judges(places, routes.rows).rows}
    if policies is None and Routes(rows).ask_rules:
        policies = compiled.of(subject.tenant)
    return [
        judge(
            subject,
            connector,
            rows.get(connector_id),
            places.get(connector_id),
            door,
            event=event,
            policies=policies,
        )
        for connector_id, connector in connectors.items()
    ]


def judge(
    subject: Subject,
    connector: OutboundConnector,
    row: OutboundTarget | None,
    place: Place | None,
    door: str,
    *,
    event: str = Event.POST,
    policies: Compiled | None = None,
) -> Verdict:
    """The verdict for one target. `policies` instead of those that are published."""
    asked = gates.ask(gates.Question(subject, connector, row, door, event, policies))
    if not subject.exists:
        return _removal(subject, connector, row, place, asked, Kind.DELETE, "deleted")
    objections = [gate for gate in asked if not gate.ok]
    if not objections:
        known = place is not None and place.is_there
        kind = Kind.UPDATE if known else Kind.CREATE
        return _sent(subject, connector, row, place, asked, kind)
    if place is not None and (reason := _to_withdraw(objections)):
        return _removal(subject, connector, row, place, asked, Kind.WITHDRAW, reason)
    return Verdict(connector, row, Kind.SKIP, objections[0].reason, asked, place=place)


def _to_withdraw(objections: Sequence[gates.Gate]) -> str:
    """Why the account shall go, if that is all that is wrong. A connector that is disabled
    does not save it: then the removal is owed."""
    leaving = [gate.reason for gate in objections if gate.withdraws]
    others = [
        g for g in objections if not (g.withdraws or g.by_rule or g.gate == gates.ENABLED)
    ]
    return leaving[0] if leaving and not others else ""


def _sent(
    subject: Subject,
    connector: OutboundConnector,
    row: OutboundTarget | None,
    place: Place | None,
    asked: tuple[gates.Gate, ...],
    kind: Kind,
) -> Verdict:
    try:
        payload = mapping.payload(subject, connector)
    except mapping.Unmappable as error:
        gate = gates.unmappable(str(error))
        return Verdict(connector, row, Kind.SKIP, gate.reason, (*asked, gate), place=place)
    return Verdict(
        connector,
        row,
        kind,
        "entitled",
        asked,
        remote_name=name_there(subject, connector),
        payload=payload,
        place=place,
    )


def _removal(
    subject: Subject,
    connector: OutboundConnector,
    row: OutboundTarget | None,
    place: Place | None,
    asked: tuple[gates.Gate, ...],
    kind: Kind,
    reason: str,
) -> Verdict:
    nothing = place is None or not (
        place.is_there or any(j.maybe_sent for j in place.failed_jobs)
    )
    if place is None or nothing:
        why = reason if kind is Kind.WITHDRAW else "not provisioned there"
        return Verdict(connector, row, Kind.SKIP, why, asked, place=place)
    if place.link is not None and not connector.is_open:
        return Verdict(
            connector,
            row,
            Kind.OWE,
            f"{reason}, but the connector is disabled",
            asked,
            place=place,
        )
    name = place.link.remote_name if place.link else name_there(subject, connector)
    payload = _of_removal(subject, connector)
    return Verdict(
        connector, row, kind, reason, asked, remote_name=name, payload=payload, place=place
    )


def _of_removal(subject: Subject, connector: OutboundConnector) -> Mapping[str, Any]:
    """What cannot be mapped is taken away all the same: an account to disable is sent as
    the target has it."""
    if not subject.exists:
        return mapping.bare(subject)
    try:
        return mapping.payload(subject, connector)
    except mapping.Unmappable:
        return mapping.bare(subject)


def name_there(subject: Subject, connector: OutboundConnector) -> str:
    """What the entity is, or would be, called at the target."""
    return targets.remote_name(connector, subject.type, local_name(subject, connector))


def local_name(subject: Subject, connector: OutboundConnector) -> LocalName:
    """What a connector makes the name at its target of."""
    name = subject.name
    if subject.type is EntityType.GROUP:
        name = gates.mapped_role(connector, name) or name
    return LocalName(
        name,
        store=subject.store or PRIMARY,
        tenant_domain=subject.tenant.domain,
        identity_provider=connector.provider.name,
    )
