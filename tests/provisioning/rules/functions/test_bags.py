from __future__ import annotations

import pytest

from provisioning.rules import datatypes, functions, names
from tests.provisioning.rules.functions.answering import answer, code

SINCE = {"dayTimeDuration": "3.0", "yearMonthDuration": "3.0"} | {
    "ipAddress": "2.0",
    "dnsName": "2.0",
}
SAMPLES = {
    "string": ("a", "a", "b", "c"),
    "boolean": ("true", "1", "false", "0"),
    "integer": ("1", "01", "2", "3"),
    "double": ("1", "1.0", "NaN", "INF"),
    "time": ("09:00:00Z", "10:00:00+01:00", "09:00:01", "11:00:00"),
    "date": ("2002-03-22", "2002-03-22Z", "2002-03-23", "2002-03-24"),
    "dateTime": (
        "2002-03-22T09:00:00Z",
        "2002-03-22T04:00:00-05:00",
        "2002-03-22T09:00:01",
        "2002-03-22T09:00:02",
    ),
    "anyURI": ("http://a", " http://a ", "http://b", "http://c"),
    "hexBinary": ("0f", "0F", "10", "11"),
    "base64Binary": ("YWJj", "YWJ j", "YWJk", "YWJl"),
    "dayTimeDuration": ("P1D", "PT24H", "PT1H", "PT2H"),
    "yearMonthDuration": ("P1Y", "P12M", "P1M", "P2M"),
    "x500Name": ("CN=a", "cn=A", "CN=b", "CN=c"),
    "rfc822Name": ("a@B", "a@b", "A@b", "c@b"),
    "ipAddress": ("10.0.0.1", "10.0.0.1", "10.0.0.2", "[::1]"),
    "dnsName": ("a.b", "A.B", "b.b", "c.b"),
}
"""For each type two texts of one value, and two of others (the booleans have but two)."""

every_type = pytest.mark.parametrize("kind", sorted(SAMPLES))


def name(kind: str, what: str) -> str:
    return f"{SINCE.get(kind, '1.0')} {kind}-{what}"


def size(found: object) -> int:
    assert isinstance(found, tuple)
    return len(found)


@every_type
def test_one_and_only_takes_just_one(kind: str) -> None:
    one, same, other, _ = SAMPLES[kind]

    assert answer(name(kind, "bag-size"), (kind, one, same, other)) == 3
    assert answer(name(kind, "bag-size"), (kind,)) == 0
    assert code(name(kind, "one-and-only"), (kind, one)).startswith("answered")
    assert code(name(kind, "one-and-only"), (kind, one, same)) == "processing-error"
    assert code(name(kind, "one-and-only"), (kind,)) == "processing-error"


@every_type
def test_is_in_compares_as_the_type_does(kind: str) -> None:
    one, same, other, _ = SAMPLES[kind]

    assert answer(name(kind, "is-in"), f"{kind} {one}", (kind, other, same)) is True
    assert answer(name(kind, "is-in"), f"{kind} {one}", (kind, other)) is False
    assert answer(name(kind, "is-in"), f"{kind} {one}", (kind,)) is False


@every_type
def test_sets_have_no_value_twice(kind: str) -> None:
    one, same, other, _ = SAMPLES[kind]

    assert size(answer(name(kind, "union"), (kind, one, other), (kind, same))) == 2
    assert size(answer(name(kind, "union"), (kind, one), (kind,), (kind, same, other))) == 2
    assert size(answer(name(kind, "intersection"), (kind, one, same, other), (kind, same))) == 1
    assert size(answer(name(kind, "intersection"), (kind, one), (kind, other))) == 0


@every_type
def test_sets_are_compared(kind: str) -> None:
    one, same, other, _ = SAMPLES[kind]
    both = (kind, one, other)

    assert answer(name(kind, "at-least-one-member-of"), (kind, same), both) is True
    assert answer(name(kind, "at-least-one-member-of"), (kind,), both) is False
    assert answer(name(kind, "subset"), (kind, same, one), both) is True
    assert answer(name(kind, "subset"), both, (kind, same)) is False
    assert answer(name(kind, "subset"), (kind,), (kind,)) is True
    assert answer(name(kind, "set-equals"), both, (kind, other, same, same)) is True
    assert answer(name(kind, "set-equals"), both, (kind, other)) is False


@pytest.mark.parametrize("kind", ["dayTimeDuration", "yearMonthDuration"])
def test_durations_go_by_their_older_names_too(kind: str) -> None:
    for what in ("one-and-only", "bag-size", "is-in", "bag", "union", "subset"):
        older = functions.ALL[f"{names.URN}1.0:function:{kind}-{what}"]
        newer = functions.ALL[f"{names.URN}3.0:function:{kind}-{what}"]
        assert isinstance(older, functions.Function)
        assert isinstance(newer, functions.Function)
        assert (older.parameters, older.returns) == (newer.parameters, newer.returns)


def test_no_type_is_without_samples() -> None:
    assert {names.short(one) for one in datatypes.ALL} - {"xpathExpression"} == set(SAMPLES)
