from __future__ import annotations

from itertools import product

import pytest

from provisioning.rules.errors import Indeterminate
from tests.provisioning.rules.functions.answering import evaluated, named
from tests.provisioning.rules.writing import apply, value

BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
ARGUMENTS = {
    "t": value("true", BOOLEAN),
    "f": value("false", BOOLEAN),
    "?": apply(
        named("1.0 integer-equal"),
        apply(named("1.0 integer-divide"), value(1, INTEGER), value(0, INTEGER)),
        value(1, INTEGER),
    ),
}


def found(name: str, arguments: str, number: int | None = None) -> str:
    first = [] if number is None else [value(number, INTEGER)]
    try:
        answer = evaluated(
            apply(named(f"1.0 {name}"), *first, *(ARGUMENTS[one] for one in arguments))
        )
    except Indeterminate:
        return "?"
    return "t" if answer else "f"


def of_kleene(arguments: str, decisive: str, other: str) -> str:
    if decisive in arguments:
        return decisive
    return "?" if "?" in arguments else other


SEQUENCES = ["".join(seq) for length in range(4) for seq in product("tf?", repeat=length)]


@pytest.mark.parametrize("arguments", SEQUENCES)
def test_or_and_and_know_what_one_argument_settles(arguments: str) -> None:
    assert found("or", arguments) == of_kleene(arguments, "t", "f")
    assert found("and", arguments) == of_kleene(arguments, "f", "t")


def test_not_turns_round() -> None:
    assert [found("not", one) for one in "tf?"] == ["f", "t", "?"]


@pytest.mark.parametrize("arguments", SEQUENCES)
@pytest.mark.parametrize("number", [-1, 0, 1, 2, 3, 4])
def test_n_of_is_true_as_soon_as_enough_are(arguments: str, number: int) -> None:
    true, unknown = arguments.count("t"), arguments.count("?")
    if number < 0 or number > len(arguments):
        expected = "?"
    elif true >= number:
        expected = "t"
    else:
        expected = "?" if true + unknown >= number else "f"

    assert found("n-of", arguments, number) == expected


def test_what_comes_after_the_decision_is_not_evaluated() -> None:
    """An argument that would exhaust the budget does not."""
    assert found("or", "t" + "?" * 50) == "t"
    assert found("n-of", "t" + "?" * 50, 1) == "t"
