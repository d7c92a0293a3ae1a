"""Times in which nothing goes to a target, by the clock of its tenant.

A window comes back every week (`{"days": ["sat"], "from": "22:00", "to": "04:00"}`; `days`
are those it begins on, and one that ends no later than it begins ends on the next day), or
once (`{"from": "2026-12-24T18:00", "to": "2026-12-26T06:00"}`). It begins when the clock on
the wall first shows its beginning, and is over when that last shows its end: an hour that
comes twice belongs to it twice, and where clocks skip either, it is the moment they jump.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from idp.models import OutboundConnector

Row = Mapping[str, Any]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = 7 * 24 * 60
"""Minutes."""
MOST = 1_000
"""Windows in a row that are taken for one."""
_DAY = timedelta(days=1)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DASH = re.compile(r"(?<=\d\d:\d\d)\s*-\s*")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::00)?")


class WindowRefused(ValueError):
    """A sentence; `field` is the key it is about."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Window:
    """`days` are weekdays from Monday (0); a window without any is of one day, `on`."""

    days: frozenset[int]
    begins: time
    ends: time
    on: date | None = None
    until: date | None = None

    @property
    def row(self) -> dict[str, Any]:
        """As it is stored and told."""
        if self.on is not None and self.until is not None:
            first, last = (self.on, self.begins), (self.until, self.ends)
            return {"from": _told(*first), "to": _told(*last)}
        days = [DAYS[day] for day in sorted(self.days)]
        return {"days": days, "from": f"{self.begins:%H:%M}", "to": f"{self.ends:%H:%M}"}

    @property
    def line(self) -> str:
        """As it is typed into a form."""
        row = self.row
        days = f"{', '.join(row['days'])} " if self.days else ""
        return f"{days}{row['from'].replace('T', ' ')} - {row['to'].replace('T', ' ')}"

    def near(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Those, by the clock on the wall, that may reach into the day or begin on it."""
        if self.on is not None and self.until is not None:
            yield (
                datetime.combine(self.on, self.begins),
                datetime.combine(self.until, self.ends),
            )
            return
        for first in (day - _DAY, day):
            if first.weekday() in self.days:
                last = first + _DAY if self.ends <= self.begins else first
                yield datetime.combine(first, self.begins), datetime.combine(last, self.ends)


def window(row: Row) -> Window:
    """Raises `WindowRefused`."""
    if row.get("days"):
        return _weekly(row)
    begins, ends = (_moment(field, row.get(field)) for field in ("from", "to"))
    if ends <= begins:
        raise WindowRefused("to", "must be later than from")
    return Window(frozenset(), begins.time(), ends.time(), begins.date(), ends.date())


def of_line(text: str) -> Window:
    """What `Window.line` tells. Raises `WindowRefused`."""
    first, *more = _DASH.split(text, maxsplit=1)
    words = first.replace(",", " ").split()
    days = [word for word in words if word[:1].isalpha()]
    begins = " ".join(word for word in words if not word[:1].isalpha())
    if not more:
        raise WindowRefused(
            "from",
            "must be like “sat, sun 22:00 - 04:00” or “2026-12-24 18:00 - 2026-12-26 06:00”",
        )
    return window({"days": days, "from": begins, "to": more[0].strip()})


def rows_of(windows: Iterable[Window]) -> list[dict[str, Any]]:
    """Raises `WindowRefused` for windows that leave no time in any week."""
    found = list(windows)
    if _whole_week(found):
        raise WindowRefused("", "leave no time to deliver anything: pause it instead")
    return [one.row for one in found]


def until(rows: Sequence[Row], zone: tzinfo, now: datetime) -> datetime | None:
    """When it is over; None when there is no maintenance now. One that goes over into
    another is one."""
    if not rows:
        return None
    windows = [window(row) for row in rows]
    over = now
    for _ in range(MOST):
        later = max((end for _, end in _around(windows, zone, over)), default=None)
        if later is None:
            break
        over = later
    return over if over > now else None


def next_start(rows: Sequence[Row], zone: tzinfo, now: datetime) -> datetime | None:
    """When the next one begins, if that is within a day."""
    windows = [window(row) for row in rows]
    found = [
        start
        for day in (0, 1)
        for one in windows
        for start, end in _spans(one, zone, now + day * _DAY)
        if now < start <= now + _DAY and start < end
    ]
    return min(found, default=None)


def last(rows: Sequence[Row], zone: tzinfo, now: datetime) -> tuple[datetime, datetime] | None:
    """From when to when the last one was that is over, if it ended within a day or two."""
    windows = [window(row) for row in rows]
    over = [span for one in windows for span in _spans(one, zone, now) if span[1] <= now]
    began, ended = max(over, key=lambda span: span[1], default=(now, now))
    for _ in range(MOST):
        spans = (span for one in windows for span in _spans(one, zone, began))
        earlier = min((s for s, e in spans if s < began <= e), default=None)
        if earlier is None:
            break
        began = earlier
    return (began, ended) if began < ended else None


def over_at(connector: OutboundConnector, now: datetime) -> datetime | None:
    """When the maintenance of its target is over; None when there is none now."""
    rows = connector.maintenance_windows
    return until(rows, connector.provider.tenant.zone, now) if rows else None


def in_words(connector: OutboundConnector, now: datetime) -> str:
    """`maintenance until 18:00`, by the tenant's clock; nothing when there is none."""
    over = over_at(connector, now)
    if over is None:
        return ""
    return f"maintenance until {clock(over, connector.provider.tenant.zone, now)}"


def clock(moment: datetime, zone: tzinfo, now: datetime) -> str:
    """A moment as it is told: only the time, if that is today."""
    local = moment.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if today else f"{local:%Y-%m-%d %H:%M}"


def _around(
    windows: Sequence[Window], zone: tzinfo, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    for one in windows:
        for start, end in _spans(one, zone, now):
            if start <= now < end:
                yield start, end


def _spans(one: Window, zone: tzinfo, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    for begins, ends in one.near(now.astimezone(zone).date()):
        yield _first(begins, zone), _last(ends, zone)


def _first(wall: datetime, zone: tzinfo) -> datetime:
    """The first moment at which the clock shows this, or has skipped it."""
    return _shown(wall.replace(fold=0), zone)


def _last(wall: datetime, zone: tzinfo) -> datetime:
    """The last moment at which the clock shows this, or has skipped it."""
    return _shown(wall.replace(fold=1), zone)


def _shown(wall: datetime, zone: tzinfo) -> datetime:
    moments = sorted(wall.replace(fold=fold, tzinfo=zone).astimezone(UTC) for fold in (0, 1))
    if moments[0].astimezone(zone).replace(tzinfo=None, fold=0) == wall.replace(fold=0):
        return moments[wall.fold]
    if moments[0] == moments[1]:
        return moments[0]
    return _jump(moments[0], moments[1], zone)


def _jump(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """When, between these, the clocks are put forward; to the second."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def _weekly(row: Row) -> Window:
    days = []
    for word in row["days"]:
        if str(word).lower() not in DAYS:
            raise WindowRefused("days", f"must be some of {', '.join(DAYS)}")
        days.append(DAYS.index(str(word).lower()))
    return Window(frozenset(days), _clock("from", row), _clock("to", row))


def _clock(field: str, row: Row) -> time:
    found = _CLOCK.fullmatch(str(row.get(field, "")))
    if found is None:
        raise WindowRefused(field, "must be a time like 22:00")
    return time(int(found[1]), int(found[2]))


def _moment(field: str, text: Any) -> datetime:
    found = _MOMENT.fullmatch(str(text or ""))
    try:
        if found is not None:
            moment = datetime.fromisoformat(f"{found[1]}T{found[2]}")
            if 2000 <= moment.year <= 9000:
                return moment
    except ValueError:
        pass  # 2026-02-30: told below, as what is not like a moment at all
    told = "must be a moment like 2026-12-24T18:00, or a time like 22:00 with days"
    raise WindowRefused(field, told)


def _told(day: date, at: time) -> str:
    return f"{day.isoformat()}T{at:%H:%M}"


def _whole_week(windows: Sequence[Window]) -> bool:
    closed: set[int] = set()
    for one in windows:
        start, end = (at.hour * 60 + at.minute for at in (one.begins, one.ends))
        lasts = end - start if end > start else end - start + 24 * 60
        for day in one.days:
            first = day * 24 * 60 + start
            closed.update(minute % WEEK for minute in range(first, first + lasts))
    return len(closed) == WEEK
