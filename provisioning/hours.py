"""What was delivered hour by hour, for the console's curves: a day is 24 rows, however many
jobs there were."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F
from django.utils import timezone

from idp.models import OutboundConnector
from provisioning.models import DeliveryHour, Job, State

DAY = 24
KEPT = timedelta(days=8)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours, the present one last; hours begin with the clock's."""

    delivered: tuple[int, ...] = (0,) * DAY
    failed: tuple[int, ...] = (0,) * DAY

    @property
    def success_percent(self) -> int | None:
        """Of what ended; None when nothing did."""
        good, bad = sum(self.delivered), sum(self.failed)
        return good * 100 // (good + bad) if good + bad else None


def add(
    connector: OutboundConnector, states: Iterable[tuple[Job, State]], now: datetime
) -> None:
    """Count what ended. One statement, and another in the first batch of an hour; after all
    else in the transaction, since others wait for the row."""
    ended = [state for _, state in states]
    delivered, failed = ended.count(State.DONE), ended.count(State.FAILED)
    if not delivered + failed:
        return
    row = DeliveryHour.objects.filter(connector=connector, hour=_begin(now))
    more = {"delivered": F("delivered") + delivered, "failed": F("failed") + failed}
    if not row.update(**more):
        DeliveryHour.objects.bulk_create(
            [DeliveryHour(connector=connector, hour=_begin(now))], ignore_conflicts=True
        )
        row.update(**more)


def last_day(ids: Sequence[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, Day]:
    """Of each of these connectors. One query."""
    first = _begin(now) - (DAY - 1) * HOUR
    found: dict[uuid.UUID, tuple[list[int], list[int]]] = {}
    for row in DeliveryHour.objects.filter(connector_id__in=ids, hour__gte=first):
        delivered, failed = found.setdefault(row.connector_id, ([0] * DAY, [0] * DAY))
        place = int((row.hour - first) / HOUR)
        if place < DAY:
            delivered[place], failed[place] = row.delivered, row.failed
    return {pk: Day(tuple(good), tuple(bad)) for pk, (good, bad) in found.items()}


def forget_old() -> None:
    DeliveryHour.objects.filter(hour__lt=timezone.now() - KEPT).delete()


def _begin(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
