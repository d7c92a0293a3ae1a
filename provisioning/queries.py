"""Reads for the console's pages and for `status`: a fixed number of queries, all indexed."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from idp import maintenance, tallies
from idp.models import IdentityProvider, Mode, OutboundConnector, Tenant
from provisioning import budgets, hours, notifications
from provisioning.models import (
    GUARD,
    REHEARSED,
    AuditEvent,
    ConnectorHealth,
    GuardWindow,
    Job,
    Notification,
    ProvisionedEntity,
    State,
)
from serviceproviders.models import OutboundTarget

SHOWN = 8
"""Lines of what needs a hand, and of decisions."""
UNDER_WAY = [State.PENDING, State.RUNNING]
COUNTED = [State.PENDING, State.RUNNING, State.HELD, State.FAILED]


@dataclass(frozen=True, slots=True)
class ConnectorRow:
    """How one connector is doing, and how many outbound rows (`rows`) lead to it.

    `owed`: removals that wait for the connector to be enabled and an operator's word.
    `held_by_guard`: those of `held` that are too many; `window`: what has gone lately.
    `rehearsed`: those of `held` that wait for the end of a dry run. `maintenance_until`:
    when the maintenance that there is now is over. `budget`: of requests, as it is now.
    """

    connector: OutboundConnector
    state: str
    queued: int
    held: int
    failed: int
    owed: int
    held_by_guard: int
    rehearsed: int
    maintenance_until: datetime | None
    window: GuardWindow | None
    day: hours.Day
    oldest: datetime | None
    health: ConnectorHealth | None
    budget: budgets.Live
    rows: int

    @property
    def waiting_seconds(self) -> int:
        return int((timezone.now() - self.oldest).total_seconds()) if self.oldest else 0

    @property
    def done_today(self) -> int:
        """In the last 24 hours."""
        return sum(self.day.delivered)


@dataclass(frozen=True, slots=True)
class Overview:
    rows: list[ConnectorRow]
    users: int
    groups: int
    has_providers: bool
    totals: Mapping[str, int] = field(default_factory=dict)
    alarms: Sequence[Notification] = ()
    """What is open, the worst first."""
    more_alarms: bool = False
    events: Sequence[AuditEvent] = ()

    @property
    def next_step(self) -> str:
        """What a new operator should do first: a word the page explains, or nothing."""
        if not self.has_providers:
            return "provider"
        if not self.rows:
            return "connector"
        if not any(row.rows for row in self.rows):
            return "row"
        return "" if self.users else "user"


def overview(tenant: Tenant) -> Overview:
    rows = connector_rows(tenant)
    names = ("queued", "held", "failed", "done_today")
    alarms = notifications.worst_in(tenant, SHOWN + 1)
    return Overview(
        alarms=alarms[:SHOWN],
        more_alarms=len(alarms) > SHOWN,
        events=list(AuditEvent.objects.filter(tenant=tenant)[:SHOWN]),
        rows=rows,
        users=tallies.total(tenant, "users"),
        groups=tallies.total(tenant, "groups"),
        has_providers=bool(rows) or IdentityProvider.objects.filter(tenant=tenant).exists(),
        totals={name: sum(getattr(row, name) for row in rows) for name in names},
    )


def connector_rows(tenant: Tenant | None) -> list[ConnectorRow]:
    """One row per connector that is not retired, by identity provider name.

    Without a tenant: of all tenants, by their domains.
    """
    connectors = OutboundConnector.objects.filter(
        retired_at=None, provider__retired_at=None
    ).select_related("provider__tenant", "health", "spent")
    if tenant is not None:
        connectors = connectors.filter(provider__tenant=tenant)
    return _rows(
        list(connectors.order_by("provider__tenant__domain", "provider__name", "type"))
    )


def connector_row(connector: OutboundConnector) -> ConnectorRow:
    return _rows([connector])[0]


def _rows(connectors: Sequence[OutboundConnector]) -> list[ConnectorRow]:
    ids = [connector.pk for connector in connectors]
    jobs = Job.objects.filter(connector_id__in=ids)
    counts = _by_state(jobs.filter(state__in=COUNTED))
    days = hours.last_day(ids, timezone.now())
    oldest = _oldest(jobs)
    targets, owed = _targets(ids), _owed(ids)
    guarded, rehearsed = _held_because(jobs, GUARD), _held_because(jobs, REHEARSED)
    windows = {row.connector_id: row for row in _windows(ids)}
    return [
        _row(
            connector,
            {
                **counts[connector.pk],
                "owed": owed.get(connector.pk, 0),
                "guard": guarded.get(connector.pk, 0),
                "rehearsed": rehearsed.get(connector.pk, 0),
            },
            days.get(connector.pk, hours.Day()),
            oldest,
            targets,
            windows.get(connector.pk),
        )
        for connector in connectors
    ]


def _row(
    connector: OutboundConnector,
    counts: Mapping[str, int],
    day: hours.Day,
    oldest: Mapping[object, datetime],
    targets: Mapping[object, int],
    window: GuardWindow | None,
) -> ConnectorRow:
    over = window is not None and window.is_over(connector)
    queued = counts.get(State.PENDING, 0) + counts.get(State.RUNNING, 0)
    return ConnectorRow(
        connector=connector,
        state=state_of(connector),
        queued=queued,
        held=counts.get(State.HELD, 0),
        failed=counts.get(State.FAILED, 0),
        owed=counts.get("owed", 0),
        held_by_guard=counts.get("guard", 0),
        rehearsed=counts.get("rehearsed", 0),
        maintenance_until=maintenance.over_at(connector, timezone.now()),
        window=None if over else window,
        day=day,
        oldest=oldest.get(connector.pk),
        health=health_of(connector),
        budget=budget_of(connector, queued),
        rows=targets.get(connector.pk, 0),
    )


def health_of(connector: OutboundConnector) -> ConnectorHealth | None:
    return getattr(connector, "health", None)


def budget_of(connector: OutboundConnector, queued: int) -> budgets.Live:
    """`queued` jobs wait. No query when health and budget were read with the connector."""
    sends = state_of(connector) == Mode.ACTIVE
    return budgets.live(connector, health_of(connector), queued, sends=sends)


def what_is_due_waits_for(connector: OutboundConnector) -> str:
    budget = budget_of(connector, 0)
    return (
        " ".join(budget.words()) if budget.stops else "It is sent as soon as a worker is free."
    )


def queued_at(connectors: Iterable[OutboundConnector]) -> Mapping[object, int]:
    """How many jobs are under way to each of them, in one query."""
    jobs = Job.objects.filter(connector__in=connectors, state__in=UNDER_WAY)
    counts = jobs.order_by().values_list("connector_id").annotate(n=Count("*"))
    return dict(counts)


def state_of(connector: OutboundConnector) -> str:
    """One word for what the connector does with new jobs (`status --json`)."""
    if not connector.is_open:
        return "disabled"
    health = health_of(connector)
    if health and health.quarantined_at:
        return "quarantined"
    return str(Mode(connector.mode).value)


def _by_state(jobs: QuerySet[Job]) -> dict[object, dict[str, int]]:
    found: dict[object, dict[str, int]] = defaultdict(dict)
    grouped = jobs.order_by().values_list("connector_id", "state").annotate(n=Count("*"))
    for connector_id, state, n in grouped:
        found[connector_id][state] = n
    return found


def _oldest(jobs: QuerySet[Job]) -> dict[object, datetime]:
    """A job's position is the clock in microseconds when it was queued, and is indexed."""
    pending: Iterable[tuple[object, int]] = (
        jobs.filter(state=State.PENDING)
        .order_by()
        .values_list("connector_id")
        .annotate(first=Min("position"))
    )
    return {pk: datetime.fromtimestamp(first / 1_000_000, UTC) for pk, first in pending}


def _targets(ids: Sequence[uuid.UUID]) -> dict[object, int]:
    grouped = (
        OutboundTarget.objects.filter(connector_id__in=ids)
        .order_by()
        .values_list("connector_id")
        .annotate(n=Count("*"))
    )
    return dict(grouped)


def _held_because(jobs: QuerySet[Job], code: str) -> dict[object, int]:
    held = jobs.filter(state=State.HELD, reason_code=code).order_by()
    return dict(held.values_list("connector_id").annotate(n=Count("*")))


def _windows(ids: Sequence[uuid.UUID]) -> QuerySet[GuardWindow]:
    return GuardWindow.objects.filter(connector_id__in=ids, of="users")


def _owed(ids: Sequence[uuid.UUID]) -> dict[object, int]:
    grouped = (
        ProvisionedEntity.objects.filter(connector_id__in=ids)
        .exclude(owed="")
        .order_by()
        .values_list("connector_id")
        .annotate(n=Count("*"))
    )
    return dict(grouped)
