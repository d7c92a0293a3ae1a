"""Dates, times and durations of XML Schema.

Years run from 1 to 9999 and fractions to the microsecond; more is refused or cut off. A value
without a time zone stands in that of the evaluation.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from provisioning.rules.errors import Indeterminate, Unreadable
from provisioning.rules.names import DATE, DATE_TIME, TIME

_ZONE = r"(?P<zone>Z|[+-]\d\d:\d\d)?"
_DATE = r"(?P<year>-?\d{4,})-(?P<month>\d\d)-(?P<day>\d\d)"
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d+))?"
_DATE_FORM: Final = re.compile(_DATE + _ZONE, re.ASCII)
_TIME_FORM: Final = re.compile(_TIME + _ZONE, re.ASCII)
_DATE_TIME_FORM: Final = re.compile(_DATE + "T" + _TIME + _ZONE, re.ASCII)
_DAY_TIME_FORM: Final = re.compile(
    r"(?P<sign>-)?P(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,12})H)?(?:(?P<minutes>\d{1,12})M)?"
    r"(?:(?P<seconds>\d{1,12})(?:\.(?P<fraction>\d+))?S)?)?",
    re.ASCII,
)
_YEAR_MONTH_FORM: Final = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?", re.ASCII
)
_SOME_DAY: Final = date(1972, 12, 31)
_LONGEST_ZONE: Final = 14 * 60


@dataclass(frozen=True, slots=True)
class Moment:
    """A dateTime, a date (midnight) or a time (of some day): the clock's face and its zone.

    `offset` is in minutes east of Greenwich, None without a time zone.
    """

    face: datetime
    offset: int | None
    text: str = field(default="", compare=False)

    def instant(self, zone: int) -> datetime:
        """Comparable with others; raises `Indeterminate` at the ends of time."""
        minutes = zone if self.offset is None else self.offset
        if not minutes:
            return self.face
        try:
            return self.face - timedelta(minutes=minutes)
        except OverflowError as error:
            raise Indeterminate(f"{self.text or self.face} is out of range") from error


def parse_date(text: str) -> Moment:
    parts = _parts(_DATE_FORM, text)
    return Moment(_built(text, parts, _midnight), _offset(text, parts["zone"]), text)


def parse_time(text: str) -> Moment:
    parts = _parts(_TIME_FORM, text)
    day = {"year": "1972", "month": "12", "day": "31"}
    face = _built(text, {**parts, **day}, _of_day)
    return Moment(datetime.combine(_SOME_DAY, face.time()), _offset(text, parts["zone"]), text)


def parse_date_time(text: str) -> Moment:
    parts = _parts(_DATE_TIME_FORM, text)
    return Moment(_built(text, parts, _of_day), _offset(text, parts["zone"]), text)


def parse_day_time(text: str) -> timedelta:
    parts = _parts(_DAY_TIME_FORM, text)
    if text[-1] in "PT":
        raise Unreadable(f"{text!r} is no duration of days and time")
    length = timedelta(
        days=int(parts["days"] or 0),
        hours=int(parts["hours"] or 0),
        minutes=int(parts["minutes"] or 0),
        seconds=int(parts["seconds"] or 0),
        microseconds=_microseconds(parts["fraction"]),
    )
    return -length if parts["sign"] else length


def parse_year_month(text: str) -> int:
    """In months."""
    parts = _parts(_YEAR_MONTH_FORM, text)
    if text[-1] == "P":
        raise Unreadable(f"{text!r} is no duration of years and months")
    months = int(parts["years"] or 0) * 12 + int(parts["months"] or 0)
    return -months if parts["sign"] else months


def _parts(form: re.Pattern[str], text: str) -> dict[str, str]:
    found = form.fullmatch(text)
    if found is None:
        raise Unreadable(f"{text!r} does not have the form it must have")
    return found.groupdict()


def _built(
    text: str, parts: dict[str, str], build: Callable[[dict[str, str]], datetime]
) -> datetime:
    try:
        return build(parts)
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{text!r} is out of range: {error}") from error


def _midnight(parts: dict[str, str]) -> datetime:
    return datetime(_year(parts["year"]), int(parts["month"]), int(parts["day"]))  # noqa: DTZ001 - the zone stands beside it


def _of_day(parts: dict[str, str]) -> datetime:
    hour, minute, second = (int(parts[name]) for name in ("hour", "minute", "second"))
    micro = _microseconds(parts["fraction"])
    if hour == 24 and (minute, second, micro) == (0, 0, 0):
        return _midnight(parts) + timedelta(days=1)
    return _midnight(parts).replace(hour=hour, minute=minute, second=second, microsecond=micro)


def _year(text: str) -> int:
    if len(text) > 4:
        raise ValueError("years run from 0001 to 9999")
    return int(text)


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


def _offset(text: str, zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if minutes > 59 or hours * 60 + minutes > _LONGEST_ZONE:
        raise Unreadable(f"{text!r} has no time zone that exists")
    return (hours * 60 + minutes) * (-1 if zone[0] == "-" else 1)


def _zone_text(offset: int | None) -> str:
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    return f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"


def _fraction(micro: int) -> str:
    return f".{micro:06}".rstrip("0") if micro else ""


def write_date(value: Moment) -> str:
    return f"{value.face:%Y-%m-%d}".rjust(10, "0") + _zone_text(value.offset)


def write_time(value: Moment) -> str:
    return f"{value.face:%H:%M:%S}{_fraction(value.face.microsecond)}{_zone_text(value.offset)}"


def write_date_time(value: Moment) -> str:
    return f"{value.face:%Y-%m-%d}".rjust(10, "0") + "T" + write_time(value)


def write_day_time(value: timedelta) -> str:
    rest = abs(value)
    hours, seconds = divmod(rest.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    last = f"{seconds}{_fraction(rest.microseconds)}S" if seconds or rest.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + last
    days = f"{rest.days}D" if rest.days else ""
    whole = days + (f"T{clock}" if clock else "")
    return ("-" if value < timedelta() else "") + "P" + (whole or "T0S")


def write_year_month(value: int) -> str:
    years, months = divmod(abs(value), 12)
    whole = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-" if value < 0 else "") + "P" + (whole or "0M")


def later(moment: Moment, length: timedelta) -> Moment:
    """Raises `Indeterminate` beyond the ends of time."""
    try:
        return Moment(moment.face + length, moment.offset)
    except OverflowError as error:
        raise Indeterminate("the result is out of range") from error


def months_later(moment: Moment, months: int) -> Moment:
    """The last day of a month stands for days it does not have (XML Schema, appendix E)."""
    year, month = divmod(moment.face.year * 12 + moment.face.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise Indeterminate("the result is out of range")
    day = min(moment.face.day, monthrange(year, month + 1)[1])
    return Moment(moment.face.replace(year=year, month=month + 1, day=day), moment.offset)


def in_range(value: Moment, first: Moment, last: Moment, zone: int) -> bool:
    """Both ends belong to it; the last may be after midnight (A.3.8)."""
    own = zone if value.offset is None else value.offset
    day, start = timedelta(days=1), first.instant(own)
    return (value.instant(own) - start) % day <= (last.instant(own) - start) % day


def of_datetime(value: datetime) -> Moment:
    return Moment(value.replace(tzinfo=None), _minutes(value.tzinfo, value))


def of_date(value: date) -> Moment:
    return Moment(datetime.combine(value, time()), None)


def of_time(value: time) -> Moment:
    face = datetime.combine(_SOME_DAY, value.replace(tzinfo=None))
    return Moment(face, _minutes(value.tzinfo, face.replace(tzinfo=value.tzinfo)))


def _minutes(zone: tzinfo | None, at: datetime) -> int | None:
    offset = zone.utcoffset(at) if zone else None
    return None if offset is None else round(offset.total_seconds() / 60)


def clock(now: datetime) -> dict[str, Moment]:
    """The current time, date and dateTime as one reading of the clock, by data type."""
    whole = of_datetime(now)
    midnight = whole.face.replace(hour=0, minute=0, second=0, microsecond=0)
    of_some_day = datetime.combine(_SOME_DAY, whole.face.time())
    return {
        DATE_TIME: whole,
        DATE: Moment(midnight, whole.offset),
        TIME: Moment(of_some_day, whole.offset),
    }
