from __future__ import annotations

from itertools import product

import pytest

from provisioning.rules import PolicyRefused
from tests.provisioning.rules.functions.answering import Argument, answer, code

GREATER = "@1.0 integer-greater-than"
SAME = "@1.0 string-equal"
TENS: Argument = ("integer", "10", "20")
NONE: Argument = ("integer",)

ROWS: list[tuple[str, tuple[Argument, ...], bool]] = [
    ("any-of", (SAME, "string Paul", ("string", "John", "Paul")), True),
    ("any-of", (SAME, ("string", "John", "Paul"), "string Ringo"), False),
    ("any-of", (SAME, "string Paul", ("string",)), False),
    ("all-of", (GREATER, "integer 10", ("integer", "9", "3")), True),
    ("all-of", (GREATER, "integer 10", ("integer", "9", "10")), False),
    ("all-of", (GREATER, "integer 10", NONE), True),
    ("any-of-any", (SAME, ("string", "a", "b"), ("string", "c", "b")), True),
    ("any-of-any", (SAME, ("string", "a"), "string a"), True),
    ("any-of-any", (SAME, ("string", "a"), ("string",)), False),
    ("any-of-any", ("@1.0 not", ("boolean", "true", "false")), True),
]
TWO_BAGS = [
    ("all-of-any", TENS, ("integer", "1", "19"), True),
    ("all-of-any", TENS, ("integer", "15"), False),
    ("all-of-any", NONE, ("integer", "15"), True),
    ("all-of-any", TENS, NONE, False),
    ("any-of-all", ("integer", "3", "5"), ("integer", "1", "4"), True),
    ("any-of-all", ("integer", "3", "5"), ("integer", "1", "5"), False),
    ("any-of-all", ("integer", "3"), NONE, True),
    ("any-of-all", NONE, ("integer", "3"), False),
    ("all-of-all", ("integer", "5", "6"), ("integer", "1", "4"), True),
    ("all-of-all", ("integer", "4", "6"), ("integer", "1", "4"), False),
    ("all-of-all", NONE, TENS, True),
]


@pytest.mark.parametrize("version", ["1.0", "3.0"])
@pytest.mark.parametrize(("name", "arguments", "expected"), ROWS)
def test_functions_are_applied_to_bags(
    version: str, name: str, arguments: tuple[Argument, ...], expected: bool
) -> None:
    assert answer(f"{version} {name}", *arguments) is expected


@pytest.mark.parametrize(("name", "one", "other", "expected"), TWO_BAGS)
def test_two_bags_are_set_against_each_other(
    name: str, one: Argument, other: Argument, expected: bool
) -> None:
    assert answer(f"1.0 {name}", GREATER, one, other) is expected


def test_map_converts_a_bag() -> None:
    lower = "@1.0 string-normalize-to-lower-case"

    assert answer("3.0 map", lower, ("string", "Hello", "World!")) == ("hello", "world!")
    assert answer("1.0 map", "@1.0 integer-add", "integer 1", ("integer", "1", "2")) == (2, 3)
    assert answer("3.0 map", lower, ("string",)) == ()


def test_an_error_counts_only_where_nothing_else_decides() -> None:
    inner, by_zero = "@1.0 integer-greater-than", "@1.0 string-regexp-match"
    patterns: Argument = ("string", "[", "a")

    assert answer("3.0 any-of", by_zero, patterns, "string a") is True
    assert code("3.0 all-of", by_zero, patterns, "string a") == "processing-error"
    assert answer("3.0 all-of", by_zero, ("string", "[", "b"), "string a") is False
    assert code("3.0 map", by_zero, patterns, "string a") == "processing-error"
    assert answer("3.0 any-of", inner, "integer 3", ("integer", "2")) is True


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("any-of", (SAME, "string a", "string a"), "takes one bag behind the function, not 0"),
        ("any-of", (SAME, ("string",), ("string",)), "takes one bag"),
        ("any-of", (SAME, "integer 1", ("string",)), "a string as argument 1, not an integer"),
        ("any-of", (SAME, ("string",)), "takes 2 arguments, not 1"),
        ("any-of", ("@1.0 integer-abs", ("integer",)), "that answers true or false"),
        ("any-of", ("string a", ("string",)), "takes a Function as argument 1"),
        ("any-of", ("@3.0 any-of", ("string",)), "cannot apply any-of"),
        ("map", ("@1.0 string-bag", ("string",)), "that answers one value"),
        ("any-of", ("@1.0 nothing", ("string",)), "there is no function"),
    ],
)
def test_what_does_not_fit_is_refused(
    name: str, arguments: tuple[Argument, ...], why: str
) -> None:
    with pytest.raises(PolicyRefused) as refused:
        answer(f"3.0 {name}", *arguments)

    assert why in str(refused.value)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_every_tuple_of_the_product_is_tried(size: int) -> None:
    bag = tuple(map(str, range(size)))
    pairs = list(product(range(size), repeat=2))

    found = answer("3.0 any-of-any", GREATER, ("integer", *bag), ("integer", *bag))

    assert found is any(one > other for one, other in pairs)
