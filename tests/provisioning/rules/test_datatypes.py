"""Reading and writing values of every type."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.rules import datatypes, names
from provisioning.rules.errors import Unreadable

NO_VALUES = [
    (names.BOOLEAN, "True"),
    (names.BOOLEAN, ""),
    (names.INTEGER, "1.0"),
    (names.INTEGER, "0x1"),
    (names.INTEGER, "1_000"),
    (names.INTEGER, "٣"),
    (names.DOUBLE, "1,5"),
    (names.DOUBLE, "inf"),
    (names.DOUBLE, "nan"),
    (names.DOUBLE, "1e"),
    (names.TIME, "25:00:00"),
    (names.TIME, "24:00:01"),
    (names.TIME, "9:00:00"),
    (names.TIME, "09:00"),
    (names.TIME, "09:00:00+15:00"),
    (names.DATE, "2002-02-29"),
    (names.DATE, "2002/03/22"),
    (names.DATE, "99999-01-01"),
    (names.DATE, "-0001-01-01"),
    (names.DATE, "0000-01-01"),
    (names.DATE_TIME, "2002-03-22"),
    (names.DATE_TIME, "2002-03-22 09:00:00"),
    (names.DATE_TIME, "9999-12-31T24:00:00"),
    (names.ANY_URI, "a\nb"),
    (names.HEX_BINARY, "0F1"),
    (names.HEX_BINARY, "0G"),
    (names.BASE64_BINARY, "YWJ"),
    (names.BASE64_BINARY, "YW=J"),
    (names.DAY_TIME, "P"),
    (names.DAY_TIME, "PT"),
    (names.DAY_TIME, "P1DT"),
    (names.DAY_TIME, "P1Y"),
    (names.DAY_TIME, "PT1.5M"),
    (names.DAY_TIME, "P9999999999D"),
    (names.YEAR_MONTH, "P"),
    (names.YEAR_MONTH, "P1D"),
    (names.YEAR_MONTH, "P1M1Y"),
    (names.YEAR_MONTH, "P99999999999Y"),
    (names.X500_NAME, "Kim"),
    (names.X500_NAME, "CN=a,=b"),
    (names.X500_NAME, 'CN="a'),
    (names.X500_NAME, "CN=a\\"),
    (names.X500_NAME, "CN=a\\z"),
    (names.RFC822_NAME, "kim"),
    (names.RFC822_NAME, "@sun.com"),
    (names.RFC822_NAME, "kim@"),
    (names.RFC822_NAME, "k im@sun.com"),
    (names.IP_ADDRESS, "10.0.0"),
    (names.IP_ADDRESS, "10.0.0.256"),
    (names.IP_ADDRESS, "::1"),
    (names.IP_ADDRESS, "10.0.0.1:80-70"),
    (names.IP_ADDRESS, "10.0.0.1:99999"),
    (names.IP_ADDRESS, "10.0.0.1/8/8"),
    (names.DNS_NAME, "a b"),
    (names.DNS_NAME, "a.*.b"),
    (names.DNS_NAME, "a.b:x"),
    (names.XPATH, "//a"),
]

NATIVES = [
    (names.STRING, "Kim", "Kim"),
    (names.BOOLEAN, True, "true"),
    (names.INTEGER, 7, "7"),
    (names.DOUBLE, 7, "7.0E0"),
    (names.TIME, time(9, 0), "09:00:00"),
    (names.TIME, time(9, 0, tzinfo=UTC), "09:00:00Z"),
    (names.DATE, date(2002, 3, 22), "2002-03-22"),
    (
        names.DATE_TIME,
        datetime(2002, 3, 22, 9, tzinfo=timezone(timedelta(hours=-5))),
        "2002-03-22T09:00:00-05:00",
    ),
    (names.HEX_BINARY, b"\x0f\xb7", "0FB7"),
    (names.BASE64_BINARY, b"abc", "YWJj"),
    (names.DAY_TIME, timedelta(days=1, minutes=5), "P1DT5M"),
    (names.YEAR_MONTH, 14, "P1Y2M"),
]

WRONG_NATIVES = [
    (names.BOOLEAN, 1),
    (names.INTEGER, True),
    (names.INTEGER, 1.0),
    (names.DATE_TIME, date(2002, 3, 22)),
    (names.DAY_TIME, 5),
    (names.RFC822_NAME, 5),
    (names.STRING, None),
]

LEGACY = "http://www.w3.org/TR/2002/WD-xquery-operators-20020816#"


def kind(identifier: str) -> datatypes.DataType:
    return datatypes.ALL[identifier]


def key(identifier: str, value: Any, zone: int = 0) -> Any:
    compare = kind(identifier).key
    return value if compare is None else compare(value, zone)


@pytest.mark.parametrize(("identifier", "text"), NO_VALUES)
def test_what_is_no_value_is_not_taken(identifier: str, text: str) -> None:
    with pytest.raises(Unreadable):
        kind(identifier).parse(text)


@pytest.mark.parametrize(("identifier", "value", "text"), NATIVES)
def test_values_of_python_are_taken(identifier: str, value: Any, text: str) -> None:
    assert kind(identifier).write(kind(identifier).of(value)) == text


@pytest.mark.parametrize(("identifier", "value"), WRONG_NATIVES)
def test_values_of_other_types_are_not(identifier: str, value: Any) -> None:
    with pytest.raises(Unreadable):
        kind(identifier).of(value)


def test_durations_have_older_names() -> None:
    assert datatypes.find(LEGACY + "dayTimeDuration") is kind(names.DAY_TIME)
    assert datatypes.find(LEGACY + "yearMonthDuration") is kind(names.YEAR_MONTH)
    assert datatypes.find(LEGACY + "duration") is None


def test_white_space_around_a_value_does_not_count_but_in_strings() -> None:
    assert kind(names.INTEGER).parse("\n 7 ") == 7
    assert kind(names.DATE).parse(" 2002-03-22\t") == kind(names.DATE).parse("2002-03-22")
    assert kind(names.STRING).parse(" 7 ") == " 7 "


def test_a_value_without_a_zone_stands_in_that_of_the_decision() -> None:
    bare, berlin = (kind(names.TIME).parse(text) for text in ("09:00:00", "09:00:00+01:00"))

    assert key(names.TIME, bare, 60) == key(names.TIME, berlin, 60)
    assert key(names.TIME, bare, 0) != key(names.TIME, berlin, 0)


@given(st.floats())
def test_doubles_come_back(value: float) -> None:
    written = kind(names.DOUBLE).write(value)
    back = kind(names.DOUBLE).parse(written)

    assert back == value or (math.isnan(back) and math.isnan(value))
    assert math.copysign(1, back) == math.copysign(1, value) or math.isnan(value)


@given(st.datetimes(), st.one_of(st.none(), st.integers(-840, 840)))
def test_moments_come_back(at: datetime, offset: int | None) -> None:
    zone = None if offset is None else timezone(timedelta(minutes=offset))
    for identifier, native in (
        (names.DATE_TIME, at.replace(tzinfo=zone)),
        (names.TIME, at.time().replace(tzinfo=zone)),
        (names.DATE, at.date()),
    ):
        value = kind(identifier).of(native)
        assert kind(identifier).parse(kind(identifier).write(value)) == value


@given(st.timedeltas(), st.integers(-(10**8), 10**8))
def test_durations_come_back(length: timedelta, months: int) -> None:
    for identifier, value in ((names.DAY_TIME, length), (names.YEAR_MONTH, months)):
        assert kind(identifier).parse(kind(identifier).write(value)) == value


@given(st.binary(max_size=50))
def test_octets_come_back(value: bytes) -> None:
    for identifier in (names.HEX_BINARY, names.BASE64_BINARY):
        assert kind(identifier).parse(kind(identifier).write(value)) == value


@given(st.sampled_from(sorted(datatypes.ALL)), st.text(max_size=30))
def test_any_text_is_a_value_or_unreadable(identifier: str, text: str) -> None:
    try:
        value = kind(identifier).parse(text)
    except Unreadable:
        return
    again = kind(identifier).parse(kind(identifier).write(value))
    assert key(identifier, again) == key(identifier, value)


ALPHABET = st.text(alphabet="09:.-+TZPDHMSY", max_size=30)


@given(st.sampled_from([names.TIME, names.DATE, names.DATE_TIME, names.DAY_TIME]), ALPHABET)
def test_texts_that_look_like_moments_do_no_harm(identifier: str, text: str) -> None:
    test_any_text_is_a_value_or_unreadable.hypothesis.inner_test(identifier, text)  # type: ignore[attr-defined]  # hypothesis adds it
