"""Requests under way at a time: the connector's number, shared out among the workers.

A seat is not asked for with each request: a worker holds some, and gives up what is due to
others as soon as it uses it no more. So a second worker gets nothing for a moment, and then
its half.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp import bulk
from idp.models import OutboundConnector
from provisioning.models import Seats

ALIVE = timedelta(seconds=10)
"""So long after it was last heard of, a worker keeps its seats: a new one after a crash waits
for them, and one that the database did not hear for longer may have more under way than its
share, for a moment."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A worker, as many seats as it can use, and as many as it is using."""

    worker: uuid.UUID
    wanted: int
    used: int


@dataclass(frozen=True, slots=True)
class Place:
    """What a worker may use, and what it holds: more, until it is used no more."""

    granted: int
    held: int


def shares(width: int, wanted: Sequence[int]) -> list[int]:
    """Evenly, nobody more than wanted; what cannot be split goes to the first."""
    given = [0] * len(wanted)
    left = width
    while left > 0 and (open_ := [i for i, most in enumerate(wanted) if given[i] < most]):
        each = max(1, left // len(open_))
        for index in open_:
            more = min(each, wanted[index] - given[index], left)
            given[index] += more
            left -= more
    return given


def seated(width: int, asking: Asking, rows: Iterable[Seats], now: datetime) -> Place:
    """The place of one among those who are alive; who came first is served first."""
    mine, others = _apart(asking, rows, now)
    everybody = sorted([*others, mine] if mine else others, key=lambda row: row.pk)
    wanted = [asking.wanted if row is mine else row.wanted for row in everybody]
    if mine is None:
        wanted.append(asking.wanted)  # keys grow with time
    index = everybody.index(mine) if mine else len(everybody)
    free = max(0, width - sum(row.held for row in others))
    granted = min(shares(width, wanted)[index], free)
    return Place(granted, max(granted, min(asking.used, mine.held if mine else 0)))


def is_news(place: Place, asking: Asking, rows: Iterable[Seats]) -> bool:
    """Whether the row of that worker says something else, or is not there."""
    said = {row.worker: (row.held, row.wanted) for row in rows}
    return said.get(asking.worker) != (place.held, asking.wanted)


def take(connector: OutboundConnector, width: int, asking: Asking, now: datetime) -> Place:
    """Sit down, move up or make room: under the connector's lock, in its transaction."""
    rows = list(Seats.objects.filter(connector=connector))
    place = seated(width, asking, rows, now)
    if is_news(place, asking, rows):
        said = {"wanted": asking.wanted, "held": place.held, "until": now + ALIVE}
        mine, _ = _apart(asking, rows, now)
        if mine is None or not Seats.objects.filter(pk=mine.pk).update(**said):
            bulk.insert([Seats(connector=connector, worker=asking.worker, **said)])
        dead = [row.pk for row in rows if row.until <= now and row.worker != asking.worker]
        if dead:
            Seats.objects.filter(pk__in=dead).delete()
    return place


def stay(worker: uuid.UUID, now: datetime) -> None:
    """Let the others know that it is alive."""
    Seats.objects.filter(worker=worker).update(until=now + ALIVE)


def leave(worker: uuid.UUID) -> None:
    """It has nothing under way there, and waits for nothing."""
    Seats.objects.filter(worker=worker).delete()


def _apart(
    asking: Asking, rows: Iterable[Seats], now: datetime
) -> tuple[Seats | None, list[Seats]]:
    mine: Seats | None = None
    others = []
    for row in rows:
        if row.worker == asking.worker:
            mine = row
        elif row.until > now:
            others.append(row)
    return mine, others
