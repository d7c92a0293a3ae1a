"""What `/metrics` tells of the whole installation, read from the database at each scrape.

Any web process gives the same answer. What is open is counted by partial indexes and what
is over was counted when it happened, so finished jobs cost nothing however many there are.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum
from django.utils import timezone
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from idp.models import Mode, OutboundConnector, Tally
from provisioning import budget_metrics, budgets, measuring, telling_metrics
from provisioning.models import DeliveryTally, Job, ProvisionedEntity, State, Tick
from provisioning.outbox import claiming
from provisioning.queries import health_of, state_of

OPEN_STATES = (State.PENDING, State.RUNNING, State.HELD, State.FAILED)
CONNECTOR_STATES = (*(str(mode.value) for mode in Mode), "quarantined", "disabled")
NAMED = ["tenant", "identity_provider", "connector"]

Key = uuid.UUID
Names = Mapping[Key, list[str]]


class Installation(Collector):
    """Raises `DatabaseError` when the database does not answer."""

    def collect(self) -> Iterator[Metric]:
        connectors = list(
            OutboundConnector.objects.filter(retired_at=None, provider__retired_at=None)
            .select_related("provider__tenant", "health", "spent")
            .defer("sealed_settings")
        )
        names = {
            one.pk: [one.provider.tenant.domain, one.provider.name, one.type]
            for one in connectors
        }
        counted = _counted(names)
        yield from _jobs(names, counted)
        yield _due(connectors, names)
        yield from _connectors(connectors, names)
        waiting, running = counted[State.PENDING], counted[State.RUNNING]
        queued = {key: waiting.get(key, 0) + running.get(key, 0) for key in names}
        yield from budget_metrics.collect(connectors, names, queued)
        yield from _deliveries(names)
        yield _entities()
        yield _ticks()
        yield from telling_metrics.collect()


def _counted(names: Names) -> Mapping[State, Mapping[Key, int]]:
    """Each by an index of its own: asked all at once, a database may read the whole table."""
    return {
        state: _by_connector(_at(Job.objects.filter(state=state), names), Count("*"))
        for state in OPEN_STATES
    }


def _jobs(names: Names, counted: Mapping[State, Mapping[Key, int]]) -> Iterator[Metric]:
    jobs = GaugeMetricFamily(
        "purveyor_jobs",
        "Jobs that are waiting, under way, held for an operator, or given up.",
        labels=[*NAMED, "state"],
    )
    for state in OPEN_STATES:
        for key, labels in names.items():
            jobs.add_metric([*labels, state.value], counted[state].get(key, 0))
    yield jobs
    waiting = Job.objects.filter(state=State.PENDING)
    yield _age(
        "purveyor_oldest_waiting_seconds",
        "How long ago the oldest waiting job came in; 0 when none waits.",
        names,
        {
            key: datetime.fromtimestamp(position / 1_000_000, UTC)
            for key, position in _by_connector(_at(waiting, names), Min("position")).items()
        },
    )


def _due(connectors: Sequence[OutboundConnector], names: Names) -> Metric:
    """By what a worker could take: a job that waits for another says nothing about delivery."""
    now = timezone.now()
    waiting = Job.objects.filter(state=State.PENDING)
    first = _by_connector(_at(waiting, names), Min("not_before"))
    due = [
        one
        for one in connectors
        if one.pk in first and first[one.pk] <= now and not _paced(one, now)
    ]
    found = {one.pk: claiming.due_since(one) for one in due}
    return _age(
        "purveyor_oldest_due_seconds",
        "How long the job that could have been sent first has been due; 0 when none is, "
        "or when the budget or the target is why.",
        names,
        {key: since for key, since in found.items() if since is not None},
    )


def _paced(connector: OutboundConnector, now: datetime) -> bool:
    """Whether the target, or its budget, is why what is due has not gone."""
    health = health_of(connector)
    until = health.paused_until if health is not None else None
    return (until is not None and until > now) or budgets.holds_up(connector, now)


def _at(jobs: QuerySet[Job], names: Names) -> QuerySet[Job]:
    return jobs.filter(connector_id__in=names).order_by()


def _by_connector(rows: QuerySet[Any], what: Count | Min) -> dict[Key, Any]:
    return dict(rows.values_list("connector_id").annotate(n=what))


def _age(name: str, text: str, names: Names, since: Mapping[Key, datetime]) -> Metric:
    now = timezone.now()
    family = GaugeMetricFamily(name, text, labels=NAMED)
    for key, labels in names.items():
        begun = since.get(key, now)
        family.add_metric(labels, max(0.0, (now - begun).total_seconds()))
    return family


def _connectors(connectors: Sequence[OutboundConnector], names: Names) -> Iterator[Metric]:
    states = GaugeMetricFamily(
        "purveyor_connector_state",
        "1 for the state the connector is in, 0 for the others.",
        labels=[*NAMED, "state"],
    )
    success = GaugeMetricFamily(
        "purveyor_connector_last_success_timestamp_seconds",
        "When the target last took something; absent before the first time.",
        labels=NAMED,
    )
    for one in connectors:
        current = state_of(one)
        for state in CONNECTOR_STATES:
            states.add_metric([*names[one.pk], state], float(state == current))
        health = health_of(one)
        if health and health.last_success:
            success.add_metric(names[one.pk], health.last_success.timestamp())
    yield states
    yield success
    owed = GaugeMetricFamily(
        "purveyor_removals_owed",
        "Removals that wait for the connector to be enabled and for an operator's word.",
        labels=NAMED,
    )
    rows = ProvisionedEntity.objects.filter(connector_id__in=names).exclude(owed="")
    counted = _by_connector(rows.order_by(), Count("*"))
    for key, labels in names.items():
        owed.add_metric(labels, counted.get(key, 0))
    yield owed


def _deliveries(names: Names) -> Iterator[Metric]:
    attempts = CounterMetricFamily(
        "purveyor_delivery_attempts",
        "Attempts by what came of them.",
        labels=[*NAMED, "outcome"],
    )
    settled = CounterMetricFamily(
        "purveyor_jobs_settled",
        "Jobs that left the queue by an attempt, by the state they went to.",
        labels=[*NAMED, "state"],
    )
    requests = HistogramMetricFamily(
        "purveyor_delivery_request_duration_seconds",
        "Time an attempt spent with the target, all its requests together.",
        labels=NAMED,
    )
    delays = HistogramMetricFamily(
        "purveyor_delivery_delay_seconds",
        "Time from the change's acceptance until the target had it.",
        labels=NAMED,
    )
    tallies: dict[Key, list[DeliveryTally]] = defaultdict(list)
    for row in DeliveryTally.objects.filter(connector_id__in=names):
        tallies[row.connector_id].append(row)
    for key, labels in names.items():
        mine = tallies[key]
        tried = [row for row in mine if row.measure == measuring.ATTEMPT]
        ended = [row for row in mine if row.measure == measuring.JOB]
        _count(attempts, labels, tried)
        _count(settled, labels, ended)
        timed = [row for row in tried if row.bucket != DeliveryTally.NOT_TIMED]
        _spread(requests, labels, timed, measuring.BUCKETS[measuring.ATTEMPT])
        done = [row for row in ended if row.name == State.DONE]
        _spread(delays, labels, done, measuring.BUCKETS[measuring.JOB])
    yield from (attempts, settled, requests, delays)


def _count(
    family: CounterMetricFamily, labels: list[str], rows: Iterable[DeliveryTally]
) -> None:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.name] += row.count
    for name, count in sorted(counts.items()):
        family.add_metric([*labels, name], count)


def _spread(
    family: HistogramMetricFamily,
    labels: list[str],
    rows: Sequence[DeliveryTally],
    bounds: Sequence[int],
) -> None:
    buckets = [
        (str(bound / 1000), float(sum(row.count for row in rows if row.bucket <= bound)))
        for bound in bounds
    ]
    buckets.append(("+Inf", float(sum(row.count for row in rows))))
    family.add_metric(labels, buckets, sum(row.milliseconds for row in rows) / 1000)


def _entities() -> Metric:
    family = GaugeMetricFamily(
        "purveyor_entities", "Users and groups in the user stores.", labels=["tenant", "type"]
    )
    rows = Tally.objects.order_by().values_list("tenant__domain", "kind")
    for domain, kind, count in rows.annotate(n=Sum("value")):
        family.add_metric([domain, kind], count)
    return family


def _ticks() -> Metric:
    family = GaugeMetricFamily(
        "purveyor_tick_overdue_seconds",
        "How long periodic work has been due; it grows when no process is left to do it.",
        labels=["tick"],
    )
    now = timezone.now()
    for tick in Tick.objects.all():
        family.add_metric([tick.name], max(0.0, (now - tick.due).total_seconds()))
    return family
