"""Times of maintenance, by a clock on the wall that is put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from idp import maintenance
from idp.maintenance import DAYS, WindowRefused, next_start, of_line, until, window

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Apia",
        "America/St_Johns",
    )
]
BERLIN = ZoneInfo("Europe/Berlin")

clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
weekly = st.builds(
    lambda days, begins, ends: {"days": days, "from": begins, "to": ends},
    st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True),
    clocks,
    clocks,
)
moments = st.datetimes(
    min_value=datetime.fromisoformat("2011-12-20"),
    max_value=datetime.fromisoformat("2031-01-01"),
).map(lambda naive: naive.replace(tzinfo=UTC, second=0, microsecond=0))
zones = st.sampled_from(ZONES)


def berlin(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


def shows(row: dict[str, object], wall: datetime) -> bool:
    """Whether a clock that shows this is in the window: the plain meaning of its words."""
    at, begins, ends = f"{wall:%H:%M}", str(row["from"]), str(row["to"])
    today = DAYS[wall.weekday()] in row["days"]  # type: ignore[operator]
    yesterday = DAYS[wall.weekday() - 1] in row["days"]  # type: ignore[operator]
    if begins < ends:
        return today and begins <= at < ends
    return (today and at >= begins) or (yesterday and at < ends)


@given(row=weekly, zone=zones, now=moments)
def test_it_is_maintenance_when_the_clock_says_so(
    row: dict[str, object], zone: ZoneInfo, now: datetime
) -> None:
    """Apart from hours that come twice, and days that a zone has skipped."""
    near = [(now + timedelta(hours=h)).astimezone(zone).utcoffset() for h in range(-49, 50, 1)]
    assume(len(set(near)) == 1)

    closed = until([row], zone, now) is not None

    assert closed == shows(row, now.astimezone(zone))


@given(row=weekly, zone=zones, now=moments)
def test_whenever_the_clock_says_so_nothing_goes(
    row: dict[str, object], zone: ZoneInfo, now: datetime
) -> None:
    assume(zone.key != "Pacific/Apia")
    if shows(row, now.astimezone(zone)):
        assert until([row], zone, now) is not None


@given(rows=st.lists(weekly, max_size=3), zone=zones, now=moments)
def test_its_end_is_the_first_moment_at_which_something_goes(
    rows: list[dict[str, object]], zone: ZoneInfo, now: datetime
) -> None:
    try:
        maintenance.rows_of(map(window, rows))
    except WindowRefused:
        assume(False)
    over = until(rows, zone, now)
    if over is None:
        return
    assert now < over <= now + timedelta(days=9)
    assert until(rows, zone, over) is None
    for part in range(1, 8):
        assert until(rows, zone, now + (over - now) * part / 8) == over
    assert until(rows, zone, over - timedelta(seconds=1)) == over


@given(rows=st.lists(weekly, min_size=1, max_size=3), zone=zones, now=moments)
def test_its_beginning_is_known_before(
    rows: list[dict[str, object]], zone: ZoneInfo, now: datetime
) -> None:
    assume(until(rows, zone, now) is None)
    start = next_start(rows, zone, now)
    if start is None:
        assert until(rows, zone, now + timedelta(hours=23, minutes=59)) is None
        return
    assert until(rows, zone, start) is not None
    assert until(rows, zone, start - timedelta(seconds=1)) is None
    assert now < start <= now + timedelta(days=1)


@given(row=weekly)
def test_a_line_of_the_form_says_the_same(row: dict[str, object]) -> None:
    one = window(row)

    assert of_line(one.line) == one == window(one.row)


def test_a_line_of_the_form_says_a_moment_too() -> None:
    one = of_line("2026-12-24 18:00 - 2026-12-26 06:00")

    assert one.row == {"from": "2026-12-24T18:00", "to": "2026-12-26T06:00"}
    assert one.line == "2026-12-24 18:00 - 2026-12-26 06:00"
    assert until([one.row], BERLIN, berlin("2026-12-25T00:00")) == berlin("2026-12-26T06:00")
    assert until([one.row], BERLIN, berlin("2026-12-26T06:00")) is None


NIGHT = {"days": ["sat"], "from": "22:00", "to": "04:00"}
SKIPPED = {"days": ["sun"], "from": "02:15", "to": "02:45"}


@pytest.mark.parametrize(
    ("row", "at", "over"),
    [
        (NIGHT, "2026-03-28T23:00", berlin("2026-03-29T04:00")),
        (NIGHT, "2026-10-24T22:00", berlin("2026-10-25T04:00")),
        (NIGHT, "2026-10-24T21:59", None),
        ({**NIGHT, "to": "02:30"}, "2026-03-29T01:59", berlin("2026-03-29T03:00")),
        ({**NIGHT, "to": "02:30"}, "2026-10-25T02:45", berlin("2026-10-25T02:30", fold=1)),
        ({**SKIPPED, "to": "03:15"}, "2026-03-29T03:00", berlin("2026-03-29T03:15")),
        ({**SKIPPED, "to": "03:15"}, "2026-03-29T01:59", None),
        (SKIPPED, "2026-03-29T03:00", None),
        (SKIPPED, "2026-10-25T02:50", berlin("2026-10-25T02:45", fold=1)),
        (
            {"days": ["mon"], "from": "00:00", "to": "00:00"},
            "2026-06-01T23:59",
            berlin("2026-06-02T00:00"),
        ),
    ],
)
def test_nights_in_which_clocks_are_changed(
    row: dict[str, object], at: str, over: datetime | None
) -> None:
    assert until([row], BERLIN, berlin(at)) == over


@given(row=weekly, zone=zones, now=moments)
def test_the_last_one_that_is_over_is_known(
    row: dict[str, object], zone: ZoneInfo, now: datetime
) -> None:
    over = until([row], zone, now)
    if over is None or until([row], zone, over) is not None:
        return

    span = maintenance.last([row], zone, over)

    assert span is not None
    assert span[0] <= now < span[1] == over


def test_one_that_goes_over_into_another_is_one() -> None:
    rows = [
        {"days": ["fri"], "from": "20:00", "to": "00:00"},
        {"days": ["sat"], "from": "00:00", "to": "06:00"},
        {"from": "2026-06-06T05:00", "to": "2026-06-06T09:30"},
    ]

    assert until(rows, BERLIN, berlin("2026-06-05T21:00")) == berlin("2026-06-06T09:30")


@pytest.mark.parametrize(
    ("row", "field", "told"),
    [
        ({"days": ["saturday"], "from": "22:00", "to": "04:00"}, "days", "some of mon"),
        ({"days": ["sat"], "from": "24:00", "to": "04:00"}, "from", "a time like 22:00"),
        ({"days": ["sat"], "from": "22:00"}, "to", "a time like 22:00"),
        ({"from": "22:00", "to": "04:00"}, "from", "with days"),
        ({"from": "2026-02-30T10:00", "to": "2026-03-01T10:00"}, "from", "a moment like"),
        ({"from": "2026-03-01T10:00", "to": "2026-03-01T10:00"}, "to", "later than from"),
    ],
)
def test_what_is_no_window_is_refused_by_its_key(
    row: dict[str, object], field: str, told: str
) -> None:
    with pytest.raises(WindowRefused, match=told) as refused:
        window(row)

    assert refused.value.field == field


@given(text=st.text(max_size=40))
def test_any_line_is_a_window_or_refused(text: str) -> None:
    try:
        one = of_line(text)
    except WindowRefused:
        return
    assert of_line(one.line) == one


def test_windows_that_leave_no_time_are_refused() -> None:
    always = {"days": list(DAYS), "from": "00:00", "to": "00:00"}
    nearly = {"days": list(DAYS), "from": "00:00", "to": "23:59"}

    with pytest.raises(WindowRefused, match="no time"):
        maintenance.rows_of([window(always)])
    assert len(maintenance.rows_of([window(nearly)])) == 1
    with pytest.raises(WindowRefused, match="no time"):
        maintenance.rows_of(
            [window(nearly), window({**nearly, "from": "23:59", "to": "00:00"})]
        )


def test_the_time_is_told_and_another_day_with_its_date() -> None:
    now = berlin("2026-06-05T21:00")

    assert maintenance.clock(berlin("2026-06-05T22:30"), BERLIN, now) == "22:30"
    assert maintenance.clock(berlin("2026-06-06T06:00"), BERLIN, now) == "2026-06-06 06:00"
