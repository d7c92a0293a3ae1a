"""What `/metrics` tells of the budgets in force."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric

from idp.models import OutboundConnector
from provisioning import queries

NAMED = ["tenant", "identity_provider", "connector"]


def collect(
    connectors: Sequence[OutboundConnector],
    names: Mapping[uuid.UUID, list[str]],
    queued: Mapping[uuid.UUID, int],
) -> Iterator[Metric]:
    """What has no limit has no sample."""
    rate = GaugeMetricFamily(
        "purveyor_budget_requests_per_second",
        "Requests a second that are allowed now: as set, or lowered by the target.",
        labels=NAMED,
    )
    left = GaugeMetricFamily(
        "purveyor_budget_left_today", "Requests left of the daily quota.", labels=NAMED
    )
    paused = GaugeMetricFamily(
        "purveyor_connector_paused_seconds",
        "How long the target still asks to wait; 0 when it does not.",
        labels=NAMED,
    )
    eta = GaugeMetricFamily(
        "purveyor_queue_eta_seconds",
        "When the queue will be empty by the budget that is in force.",
        labels=NAMED,
    )
    for one in connectors:
        live, labels = queries.budget_of(one, queued.get(one.pk, 0)), names[one.pk]
        for family, value in (
            (rate, live.force.rate),
            (left, live.left_today),
            (paused, live.paused_seconds),
            (eta, live.eta),
        ):
            if value is not None:
                family.add_metric(labels, value)
    yield from (rate, left, paused, eta)
