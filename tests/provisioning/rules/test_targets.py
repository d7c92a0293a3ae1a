"""Tables 1 to 3: matches, and what they come to together."""

from __future__ import annotations

from itertools import product

import pytest

from provisioning.rules import Decision, Outcome, PolicyRefused, decide, load, names
from tests.provisioning.rules.writing import (
    NOTHING,
    V1,
    V3,
    deciding,
    designator,
    loaded,
    match,
    policy,
    request,
    rule,
    selector,
    target,
    value,
)

MATCHES = {
    "t": match("name", "kim"),
    "f": match("name", "lee"),
    "?": match("absent", "x", must=True),
}
ASKED = request(name="kim")


def decided(where: str) -> str:
    """t: match, f: no match, ?: indeterminate."""
    extended = decide(loaded(rule(), where=where), ASKED).extended
    return {Outcome.PERMIT: "t", Outcome.NOT_APPLICABLE: "f", Outcome.INDETERMINATE_P: "?"}[
        extended
    ]


def both(seen: str) -> str:
    return "f" if "f" in seen else "?" if "?" in seen else "t"


def either(seen: str) -> str:
    return "t" if "t" in seen else "?" if "?" in seen else "f"


TRIPLES = ["".join(seq) for length in (1, 2, 3) for seq in product("tf?", repeat=length)]


@pytest.mark.parametrize("seen", TRIPLES)
def test_all_of_takes_every_match(seen: str) -> None:
    assert decided(target("".join(MATCHES[one] for one in seen))) == both(seen)


@pytest.mark.parametrize("seen", TRIPLES)
def test_any_of_takes_one_all_of(seen: str) -> None:
    assert decided(target(*(MATCHES[one] for one in seen))) == either(seen)


@pytest.mark.parametrize("seen", TRIPLES)
def test_a_target_takes_every_any_of(seen: str) -> None:
    any_of = "".join(f"<AnyOf><AllOf>{MATCHES[one]}</AllOf></AnyOf>" for one in seen)

    assert decided(f"<Target>{any_of}</Target>") == both(seen)


def test_an_empty_target_matches_everything() -> None:
    assert decided("<Target/>") == "t"


@pytest.mark.parametrize(
    ("bag", "expected"),
    [
        ([], Decision.NOT_APPLICABLE),
        (["a", "5"], Decision.INDETERMINATE),
        (["5", "a"], Decision.INDETERMINATE),
        (["5", "6"], Decision.NOT_APPLICABLE),
        (["5", "a", "7"], Decision.INDETERMINATE),
    ],
)
def test_a_value_that_cannot_be_read_is_indeterminate(
    bag: list[str], expected: Decision
) -> None:
    found = match("age", "7").replace("string", "integer")

    result = decide(loaded(rule(where=target(found))), request(names.INTEGER, age=bag))

    assert result.decision is expected


@pytest.mark.parametrize(
    ("of_request", "function", "literal", "why"),
    [
        (designator("a"), V1 + "integer-equal", value("1"), "an integer as argument 1"),
        (designator("a"), V1 + "string-concatenate", value("1"), "there is no function"),
        (designator("a"), V1 + "string-bag-size", value("1"), "takes 1 argument, not 2"),
        (designator("a"), V1 + "string-bag", value("1"), "does not answer true or false"),
        (designator("a"), V3 + "any-of", value("1"), "cannot be used in a Match"),
        (designator("a"), V1 + "string-regexp-match", value("["), "is no regular expression"),
        (selector("//["), V1 + "string-equal", value("1"), "is no XPath expression"),
        (
            designator("a", names.XML_SCHEMA + "duration"),
            V1 + "string-equal",
            value("1"),
            "type",
        ),
    ],
)
def test_what_cannot_match_is_refused(
    of_request: str, function: str, literal: str, why: str
) -> None:
    where = target(f'<Match MatchId="{function}">{literal}{of_request}</Match>')

    with pytest.raises(PolicyRefused, match=r"line 1: ") as refused:
        load(policy(rule(), where=where))

    assert why in str(refused.value)


def test_a_target_tells_an_index_what_it_demands() -> None:
    where = target(match("a", "1") + match("b", "2"), match("c", "3"))
    one = load(policy(rule(), where=where))
    single = load(policy(rule(), where=target(match("a", "1") + match("b", "2"))))

    assert [{key.value for key in any_of} for any_of in one.target_keys] == [{"2", "3"}]
    assert [{key.value for key in any_of} for any_of in single.target_keys] == [{"1"}, {"2"}]
    assert load(policy(rule(), where=target(match("a", "1", must=True)))).target_keys == ()


def test_a_selector_finds_nothing_without_content() -> None:
    found = f'<Match MatchId="{V1}string-equal">{value("x")}{selector("//a")}</Match>'
    result = decide(loaded(rule(where=target(found))), NOTHING)

    assert result.decision is Decision.NOT_APPLICABLE
    assert deciding(value("true", names.BOOLEAN)).decision is Decision.PERMIT
