"""Counting what delivery did, in the transaction that notes it: what `/metrics` tells.

Counts in the memory of a process die with it, and only that process could tell them. These
are rows, so any web process answers for all workers, and nothing is counted twice or lost.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache

from django.db import connection

from idp.models import OutboundConnector
from provisioning.models import DeliveryTally, Job, State
from provisioning.parcels import Report

ATTEMPT = "attempt"
"""Attempts by outcome; the duration is that of the requests."""
JOB = "job"
"""Jobs that left the queue by the state they went to; the duration is since they came in."""

BUCKETS = {
    ATTEMPT: (5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000),
    JOB: (50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000, 60_000, 300_000, 3_600_000),
}
"""Upper bounds in milliseconds. A bound may be added; one taken away stays in old rows."""

Key = tuple[str, str, int]


def tally(
    connector: OutboundConnector,
    reports: Sequence[Report],
    states: Iterable[tuple[Job, State]],
    now: datetime,
) -> None:
    """Add a batch in one statement. Last in the transaction: others wait for the rows."""
    counted: dict[Key, tuple[int, int]] = {}
    for report in reports:
        sent = bool(report.exchanges)
        _add(counted, ATTEMPT, report.outcome.value, report.duration_ms if sent else None)
    for job, state in states:
        if state is not State.PENDING:
            age = (now - job.created).total_seconds() * 1000
            _add(counted, JOB, state.value, max(0, round(age)))
    _write(connector, counted)


def _add(
    counted: dict[Key, tuple[int, int]], measure: str, name: str, milliseconds: int | None
) -> None:
    key = (measure, name, _bucket(measure, milliseconds))
    count, total = counted.get(key, (0, 0))
    counted[key] = (count + 1, total + (milliseconds or 0))


def _bucket(measure: str, milliseconds: int | None) -> int:
    if milliseconds is None:
        return DeliveryTally.NOT_TIMED
    bounds = BUCKETS[measure]
    place = bisect_left(bounds, milliseconds)
    return bounds[place] if place < len(bounds) else DeliveryTally.BEYOND


def _write(connector: OutboundConnector, counted: dict[Key, tuple[int, int]]) -> None:
    if not counted:
        return
    connector_id = connector._meta.pk.get_db_prep_value(connector.pk, connection)
    # In one order for all, so that two writers wait for each other and never in a circle.
    values = [
        value for key, sums in sorted(counted.items()) for value in (connector_id, *key, *sums)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_upsert(connection.vendor, len(counted)), values)


@cache
def _upsert(_vendor: str, rows: int) -> str:
    table = connection.ops.quote_name(DeliveryTally._meta.db_table)
    names = ("connector_id", "measure", "name", "bucket", "count", "milliseconds")
    columns = [connection.ops.quote_name(name) for name in names]
    key, (count, total) = ", ".join(columns[:4]), columns[4:]
    places = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * rows)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places} "  # noqa: S608 our names
        f"ON CONFLICT ({key}) DO UPDATE SET {count} = {table}.{count} + excluded.{count}, "
        f"{total} = {table}.{total} + excluded.{total}"
    )
