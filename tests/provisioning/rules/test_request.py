from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provisioning.rules import Decision, Request, RequestRefused, names
from tests.provisioning.rules.writing import (
    SUBJECT,
    V1,
    apply,
    deciding,
    designator,
    request,
    value,
)


def test_values_of_python_and_texts_are_the_same() -> None:
    at = datetime(2002, 3, 22, 9, tzinfo=UTC)
    one = Request.of({SUBJECT: {"at": [(names.DATE_TIME, at)], "n": [(names.INTEGER, 7)]}})
    other = Request.of(
        {
            SUBJECT: {
                "at": [(names.DATE_TIME, "2002-03-22T09:00:00Z")],
                "n": [(names.INTEGER, "7")],
            }
        }
    )

    assert one == other


def test_one_attribute_may_have_values_of_several_types() -> None:
    both = Request.of({SUBJECT: {"n": [(names.INTEGER, 7), (names.STRING, "7")]}})

    for data_type in (names.INTEGER, names.STRING):
        name = f"{V1}{names.short(data_type)}-is-in"
        held = apply(name, value("7", data_type), designator("n", data_type))
        assert deciding(held, both).decision is Decision.PERMIT


def test_a_bag_of_no_values_is_missing() -> None:
    must = apply(V1 + "string-is-in", value("x"), designator("n", must=True))

    assert deciding(must, request(n=[])).status.code == names.MISSING_ATTRIBUTE


@pytest.mark.parametrize("given", ["x", 1.5, None, True])
def test_a_value_of_another_type_is_a_syntax_error_for_whoever_asks(given: object) -> None:
    asked = Request.of({SUBJECT: {"n": [(names.INTEGER, given), (names.INTEGER, 1)]}})
    held = apply(
        V1 + "integer-is-in", value("1", names.INTEGER), designator("n", names.INTEGER)
    )

    assert deciding(held, asked).status.code == names.SYNTAX_ERROR


def test_an_unknown_type_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(RequestRefused, match="n: there is no data type string"):
        Request.of({SUBJECT: {"n": [("string", "x")]}})
