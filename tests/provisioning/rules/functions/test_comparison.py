from __future__ import annotations

import pytest

from tests.provisioning.rules.functions.answering import answer

TRUE = [
    ("1.0 string-equal", "string Kim", "string Kim"),
    ("3.0 string-equal-ignore-case", "string KIM Ä", "string kim ä"),
    ("1.0 boolean-equal", "boolean 1", "boolean true"),
    ("1.0 integer-equal", "integer 007", "integer +7"),
    ("1.0 double-equal", "double 1e1", "double 10.0"),
    ("1.0 double-equal", "double 0.0", "double -0.0"),
    ("1.0 double-equal", "double INF", "double INF"),
    ("1.0 double-equal", "double NaN", "double NaN"),
    ("1.0 date-equal", "date 2002-03-22Z", "date 2002-03-22"),
    ("1.0 date-equal", "date 2002-03-22+01:00", "date 2002-03-22+01:00"),
    ("1.0 time-equal", "time 08:23:47-05:00", "time 13:23:47Z"),
    ("1.0 time-equal", "time 24:00:00", "time 00:00:00"),
    ("1.0 dateTime-equal", "dateTime 2002-03-22T24:00:00Z", "dateTime 2002-03-23T00:00:00"),
    (
        "1.0 dateTime-equal",
        "dateTime 2002-03-22T08:23:47.50Z",
        "dateTime 2002-03-22T08:23:47.5Z",
    ),
    ("3.0 dayTimeDuration-equal", "dayTimeDuration P1D", "dayTimeDuration PT24H"),
    ("1.0 dayTimeDuration-equal", "dayTimeDuration -PT0S", "dayTimeDuration PT0S"),
    ("3.0 yearMonthDuration-equal", "yearMonthDuration P1Y2M", "yearMonthDuration P14M"),
    ("1.0 anyURI-equal", "anyURI http://a/B", "anyURI http://a/B"),
    ("1.0 x500Name-equal", "x500Name cn=Kim Lee,O=Acme", "x500Name CN=kim  lee, O=ACME"),
    ("1.0 x500Name-equal", "x500Name CN=a+OU=b", "x500Name OU=b+CN=a"),
    ("1.0 x500Name-equal", r"x500Name 2.5.4.3=a\,b", 'x500Name cn="a,b"'),
    ("1.0 rfc822Name-equal", "rfc822Name Kim@SUN.com", "rfc822Name Kim@sun.COM"),
    ("1.0 hexBinary-equal", "hexBinary 0fb7", "hexBinary 0FB7"),
    ("1.0 base64Binary-equal", "base64Binary Y W Jj", "base64Binary YWJj"),
    ("1.0 string-greater-than", "string b", "string a"),
    ("1.0 string-greater-than-or-equal", "string a", "string a"),
    ("1.0 string-less-than", "string B", "string a"),
    ("1.0 string-less-than-or-equal", "string a", "string a"),
    ("1.0 integer-greater-than", "integer 10", "integer 9"),
    ("1.0 integer-less-than-or-equal", "integer -1", "integer 0"),
    ("1.0 double-less-than", "double -INF", "double -1e300"),
    ("1.0 time-greater-than", "time 08:00:00-05:00", "time 12:59:59Z"),
    ("1.0 time-less-than-or-equal", "time 08:00:00", "time 08:00:00Z"),
    ("1.0 date-less-than", "date 2002-03-22+14:00", "date 2002-03-22-14:00"),
    ("1.0 date-greater-than-or-equal", "date 2002-03-22", "date 2002-03-22"),
    (
        "1.0 dateTime-greater-than",
        "dateTime 2002-03-22T00:00:00-01:00",
        "dateTime 2002-03-22T00:30:00Z",
    ),
    (
        "1.0 dateTime-less-than-or-equal",
        "dateTime 0001-01-01T00:00:00Z",
        "dateTime 9999-12-31T00:00:00Z",
    ),
    ("2.0 time-in-range", "time 09:00:00", "time 09:00:00", "time 17:00:00"),
    ("2.0 time-in-range", "time 17:00:00", "time 09:00:00", "time 17:00:00"),
    ("2.0 time-in-range", "time 23:30:00", "time 22:00:00", "time 06:00:00"),
    ("2.0 time-in-range", "time 05:59:59", "time 22:00:00", "time 06:00:00"),
    ("2.0 time-in-range", "time 09:30:00+02:00", "time 09:00:00", "time 10:00:00"),
    ("2.0 time-in-range", "time 23:30:00Z", "time 00:00:00+01:00", "time 01:00:00+01:00"),
]

FALSE = [
    ("1.0 string-equal", "string Kim", "string kim"),
    ("1.0 double-equal", "double NaN", "double INF"),
    ("1.0 double-greater-than", "double NaN", "double 1"),
    ("1.0 double-less-than-or-equal", "double NaN", "double NaN"),
    ("1.0 date-equal", "date 2002-03-22+01:00", "date 2002-03-22-01:00"),
    ("1.0 time-equal", "time 08:23:47-05:00", "time 08:23:47Z"),
    ("1.0 anyURI-equal", "anyURI http://a/B", "anyURI http://A/B"),
    ("1.0 rfc822Name-equal", "rfc822Name kim@sun.com", "rfc822Name Kim@sun.com"),
    ("1.0 x500Name-equal", "x500Name CN=a,O=b", "x500Name O=b,CN=a"),
    ("1.0 hexBinary-equal", "hexBinary 0F", "hexBinary 0F00"),
    ("1.0 integer-greater-than", "integer 9", "integer 10"),
    ("2.0 time-in-range", "time 08:59:59", "time 09:00:00", "time 17:00:00"),
    ("2.0 time-in-range", "time 12:00:00", "time 22:00:00", "time 06:00:00"),
    ("2.0 time-in-range", "time 09:00:01", "time 09:00:00", "time 09:00:00"),
]


@pytest.mark.parametrize("row", TRUE, ids=" ".join)
def test_it_is_true(row: tuple[str, ...]) -> None:
    assert answer(*row) is True


@pytest.mark.parametrize("row", FALSE, ids=" ".join)
def test_it_is_false(row: tuple[str, ...]) -> None:
    assert answer(*row) is False
