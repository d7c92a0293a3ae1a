from __future__ import annotations

import pytest

from tests.provisioning.rules.functions.answering import Argument, answer, code, meant

LONG = "9" * 900

ANSWERS: list[tuple[str, tuple[Argument, ...], Argument]] = [
    ("1.0 integer-add", ("integer 1", "integer 2", "integer 3"), "integer 6"),
    ("1.0 double-add", ("double 0.1", "double 0.2"), "double 0.30000000000000004"),
    ("1.0 double-add", ("double INF", "double -INF"), "double NaN"),
    ("1.0 integer-subtract", ("integer 5", "integer 8"), "integer -3"),
    ("1.0 double-subtract", ("double 5", "double 0.5"), "double 4.5"),
    ("1.0 integer-multiply", ("integer 2", "integer -3", "integer 4"), "integer -24"),
    ("1.0 double-multiply", ("double 1e200", "double 1e200"), "double INF"),
    ("1.0 integer-divide", ("integer 7", "integer 2"), "integer 3"),
    ("1.0 integer-divide", ("integer -7", "integer 2"), "integer -3"),
    ("1.0 integer-divide", ("integer -6", "integer -2"), "integer 3"),
    ("1.0 double-divide", ("double 7", "double 2"), "double 3.5"),
    ("1.0 integer-mod", ("integer 7", "integer 2"), "integer 1"),
    ("1.0 integer-mod", ("integer -7", "integer 2"), "integer -1"),
    ("1.0 integer-mod", ("integer 7", "integer -2"), "integer 1"),
    ("1.0 integer-abs", ("integer -7",), "integer 7"),
    ("1.0 double-abs", ("double -7.5",), "double 7.5"),
    ("1.0 round", ("double 2.5",), "double 2"),
    ("1.0 round", ("double 3.5",), "double 4"),
    ("1.0 round", ("double -INF",), "double -INF"),
    ("1.0 floor", ("double -2.5",), "double -3"),
    ("1.0 floor", ("double NaN",), "double NaN"),
    ("1.0 double-to-integer", ("double -2.9",), "integer -2"),
    ("1.0 integer-to-double", ("integer 3",), "double 3"),
    (
        "3.0 dateTime-add-dayTimeDuration",
        ("dateTime 2002-12-31T23:00:00Z", "dayTimeDuration PT1H30M"),
        "dateTime 2003-01-01T00:30:00Z",
    ),
    (
        "3.0 dateTime-add-dayTimeDuration",
        ("dateTime 2002-01-01T00:00:00", "dayTimeDuration -P1D"),
        "dateTime 2001-12-31T00:00:00",
    ),
    (
        "3.0 dateTime-subtract-dayTimeDuration",
        ("dateTime 2002-03-01T00:00:00Z", "dayTimeDuration P1D"),
        "dateTime 2002-02-28T00:00:00Z",
    ),
    (
        "3.0 dateTime-add-yearMonthDuration",
        ("dateTime 2002-01-31T08:00:00-05:00", "yearMonthDuration P1M"),
        "dateTime 2002-02-28T08:00:00-05:00",
    ),
    (
        "3.0 dateTime-subtract-yearMonthDuration",
        ("dateTime 2004-02-29T08:00:00Z", "yearMonthDuration P1Y"),
        "dateTime 2003-02-28T08:00:00Z",
    ),
    (
        "3.0 date-add-yearMonthDuration",
        ("date 2002-11-30", "yearMonthDuration P1Y3M"),
        "date 2004-02-29",
    ),
    (
        "3.0 date-subtract-yearMonthDuration",
        ("date 2002-01-22", "yearMonthDuration P1M"),
        "date 2001-12-22",
    ),
    (
        "1.0 date-add-yearMonthDuration",
        ("date 2002-11-30", "yearMonthDuration P1M"),
        "date 2002-12-30",
    ),
    (
        "1.0 dateTime-add-dayTimeDuration",
        ("dateTime 2002-11-30T00:00:00Z", "dayTimeDuration P1D"),
        "dateTime 2002-12-01T00:00:00Z",
    ),
]

ERRORS = [
    ("1.0 integer-divide", "integer 1", "integer 0"),
    ("1.0 double-divide", "double 1", "double -0.0"),
    ("1.0 integer-mod", "integer 1", "integer 0"),
    ("1.0 double-to-integer", "double NaN"),
    ("1.0 double-to-integer", "double INF"),
    ("1.0 integer-to-double", f"integer {LONG}"),
    ("1.0 integer-multiply", f"integer {LONG}", f"integer {LONG}"),
    ("3.0 date-add-yearMonthDuration", "date 9999-12-01", "yearMonthDuration P1M"),
    ("3.0 date-subtract-yearMonthDuration", "date 0001-01-01", "yearMonthDuration P1M"),
    (
        "3.0 dateTime-add-dayTimeDuration",
        "dateTime 9999-12-31T00:00:00Z",
        "dayTimeDuration P9D",
    ),
    ("1.0 date-equal", "date 0001-01-01+14:00", "date 2000-01-01Z"),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), ANSWERS)
def test_it_answers(name: str, arguments: tuple[Argument, ...], expected: Argument) -> None:
    found, wanted = answer(name, *arguments), meant(expected)

    assert type(found) is type(wanted)
    assert found == wanted or repr(found) == repr(wanted) == "nan"


@pytest.mark.parametrize("row", ERRORS, ids=lambda row: row[0])
def test_it_is_indeterminate(row: tuple[str, ...]) -> None:
    assert code(*row) == "processing-error"
