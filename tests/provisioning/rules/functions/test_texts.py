from __future__ import annotations

import pytest

from provisioning.rules import datatypes, functions, names
from tests.provisioning.rules.functions.answering import Argument, answer, code, meant

ANSWERS: list[tuple[str, tuple[Argument, ...], Argument]] = [
    ("1.0 string-normalize-space", ("string   a  b \n",), "string a  b"),
    ("1.0 string-normalize-to-lower-case", ("string ÄB",), "string äb"),
    ("2.0 string-concatenate", ("string a", "string b", "string c"), "string abc"),
    ("2.0 uri-string-concatenate", ("anyURI http://a", "string /b"), "anyURI http://a/b"),
    ("3.0 string-starts-with", ("string Ki", "string Kim"), "boolean true"),
    ("3.0 string-starts-with", ("string Kim", "string Ki"), "boolean false"),
    ("3.0 anyURI-starts-with", ("string http", "anyURI http://a"), "boolean true"),
    ("3.0 string-ends-with", ("string im", "string Kim"), "boolean true"),
    ("3.0 anyURI-ends-with", ("string b", "anyURI http://a"), "boolean false"),
    ("3.0 string-contains", ("string i", "string Kim"), "boolean true"),
    ("3.0 anyURI-contains", ("string //", "anyURI http://a"), "boolean true"),
    ("3.0 string-substring", ("string abcd", "integer 1", "integer 3"), "string bc"),
    ("3.0 string-substring", ("string abcd", "integer 1", "integer -1"), "string bcd"),
    ("3.0 string-substring", ("string abcd", "integer 4", "integer 4"), "string "),
    ("3.0 anyURI-substring", ("anyURI http://a", "integer 0", "integer 4"), "string http"),
    ("3.0 boolean-from-string", ("string 1",), "boolean true"),
    ("3.0 string-from-boolean", ("boolean 0",), "string false"),
    ("3.0 integer-from-string", ("string -07",), "integer -7"),
    ("3.0 string-from-integer", ("integer +07",), "string 7"),
    ("3.0 double-from-string", ("string 1E-1",), "double 0.1"),
    ("3.0 string-from-double", ("double 1234.5",), "string 1.2345E3"),
    ("3.0 string-from-double", ("double 0.00012",), "string 1.2E-4"),
    ("3.0 string-from-double", ("double -0",), "string -0.0E0"),
    ("3.0 string-from-double", ("double -INF",), "string -INF"),
    ("3.0 time-from-string", ("string 09:00:00Z",), "time 09:00:00Z"),
    ("3.0 string-from-time", ("time 09:00:00.500+00:00",), "string 09:00:00.5Z"),
    ("3.0 date-from-string", ("string 2002-03-22",), "date 2002-03-22"),
    ("3.0 string-from-date", ("date 0099-03-22-05:00",), "string 0099-03-22-05:00"),
    (
        "3.0 dateTime-from-string",
        ("string 2002-03-22T00:00:00",),
        "dateTime 2002-03-22T00:00:00",
    ),
    (
        "3.0 string-from-dateTime",
        ("dateTime 2002-03-22T09:00:00",),
        "string 2002-03-22T09:00:00",
    ),
    ("3.0 anyURI-from-string", ("string http://a",), "anyURI http://a"),
    ("3.0 string-from-anyURI", ("anyURI http://a",), "string http://a"),
    ("3.0 dayTimeDuration-from-string", ("string PT1M",), "dayTimeDuration PT60S"),
    (
        "3.0 string-from-dayTimeDuration",
        ("dayTimeDuration -PT36H0.50S",),
        "string -P1DT12H0.5S",
    ),
    ("3.0 string-from-dayTimeDuration", ("dayTimeDuration PT0H",), "string PT0S"),
    ("3.0 yearMonthDuration-from-string", ("string -P1Y",), "yearMonthDuration -P12M"),
    ("3.0 string-from-yearMonthDuration", ("yearMonthDuration P25M",), "string P2Y1M"),
    ("3.0 x500Name-from-string", ("string CN=a",), "x500Name cn=A"),
    ("3.0 string-from-x500Name", ("x500Name cn=A, o=B",), "string cn=A, o=B"),
    ("3.0 rfc822Name-from-string", ("string a@B",), "rfc822Name a@b"),
    ("3.0 string-from-rfc822Name", ("rfc822Name a@B",), "string a@B"),
    ("3.0 ipAddress-from-string", ("string 10.0.0.1:80",), "ipAddress 10.0.0.1:80"),
    ("3.0 string-from-ipAddress", ("ipAddress [::1]:80",), "string [::1]:80"),
    ("3.0 dnsName-from-string", ("string *.SUN.com",), "dnsName *.sun.com"),
    ("3.0 string-from-dnsName", ("dnsName *.SUN.com:80-",), "string *.SUN.com:80-"),
]

OUTSIDE = [("0", "5"), ("5", "-1"), ("-1", "2"), ("3", "2"), ("0", "-2")]


@pytest.mark.parametrize(("name", "arguments", "expected"), ANSWERS)
def test_it_answers(name: str, arguments: tuple[Argument, ...], expected: Argument) -> None:
    assert answer(name, *arguments) == meant(expected)


@pytest.mark.parametrize(("first", "end"), OUTSIDE)
@pytest.mark.parametrize("kind", ["string", "anyURI"])
def test_a_substring_beyond_the_text_is_indeterminate(kind: str, first: str, end: str) -> None:
    arguments = (f"{kind} abcd", f"integer {first}", f"integer {end}")

    assert code(f"3.0 {kind}-substring", *arguments) == "processing-error"


@pytest.mark.parametrize(
    "data_type",
    sorted(
        set(datatypes.ALL)
        - {names.STRING, names.ANY_URI, names.HEX_BINARY, names.BASE64_BINARY, names.XPATH}
    ),
)
def test_a_string_that_is_no_value_is_a_syntax_error(data_type: str) -> None:
    name = f"3.0 {names.short(data_type)}-from-string"

    assert code(name, "string not @ one = at: all") == "syntax-error"


def test_every_conversion_goes_both_ways() -> None:
    reading = {name for name in functions.ALL if name.endswith("-from-string")}
    writing = {name for name in functions.ALL if ":string-from-" in name}

    assert len(reading) == len(writing) == 13
