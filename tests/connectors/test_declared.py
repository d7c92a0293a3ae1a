"""What follows from the fields that a connector declares, and what is wrong with them."""

from __future__ import annotations

import pytest

from connectors import ConfigField, When, declared, registry

WAY = ConfigField(
    "way", "Way", kind="choice", default="a", choices=(("a", "A"), ("b", "B"), ("c", "C"))
)
BOX = ConfigField("box", "Box", kind="boolean", default=False, shown_when=When("way", ("b",)))
KEY = ConfigField("key", "Key", required=True, shown_when=When("box", (True,)))
FIELDS = (WAY, BOX, KEY)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, ["way"]),
        ({"way": "b"}, ["way", "box"]),
        ({"way": "b", "box": True}, ["way", "box", "key"]),
        ({"way": "a", "box": True}, ["way"]),
    ],
)
def test_fields_are_shown_by_what_others_hold(
    values: dict[str, object], shown: list[str]
) -> None:
    assert [f.name for f in FIELDS if declared.is_shown(f, FIELDS, values)] == shown


def test_only_what_is_shown_can_be_missing() -> None:
    assert declared.missing(FIELDS, {"way": "b", "box": True}) == [KEY]
    assert declared.missing(FIELDS, {"way": "a", "box": True}) == []


def test_nought_is_a_value() -> None:
    number = ConfigField("pages", "Pages", kind="number", required=True)

    assert declared.missing([number], {"pages": 0}) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ([WAY, WAY], "way is declared twice"),
        ([ConfigField("API key", "API key")], "API key: a name is a word in lower case"),
        ([ConfigField("way", "Way", kind="choice")], "way: a choice has choices"),
        ([ConfigField("way", "Way", choices=(("a", "A"),))], "way: a choice has choices"),
        (
            [ConfigField("way", "Way", kind="choice", choices=(("a", "A"),), default="b")],
            "way: the default 'b' is none of its choices",
        ),
        ([ConfigField("box", "Box", kind="boolean", required=True)], "box: a box that has to"),
        ([ConfigField("code", "Code", matches="(")], "code: '(' is no regular expression"),
        ([ConfigField("code", "Code", matches="(?=a)")], "code: '(?=a)' is no regular"),
        ([KEY], "key: it is shown by 'box', which is no field"),
        (
            [WAY, ConfigField("key", "Key", shown_when=When("way", ("d",)))],
            "key: it is shown by 'd', which is no choice of way",
        ),
        (
            [
                ConfigField("a", "A", shown_when=When("b", ("x",))),
                ConfigField("b", "B", shown_when=When("a", ("x",))),
            ],
            "a: it is shown by itself",
        ),
    ],
)
def test_a_declaration_that_cannot_be_is_told(fields: list[ConfigField], problem: str) -> None:
    assert declared.problems(fields)[0].startswith(problem)


def test_good_declarations_have_no_problems() -> None:
    assert declared.problems(FIELDS) == []


def test_a_connector_with_such_a_declaration_is_broken_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(registry.BUILT_IN, "odd", "tests.connectors.odd:OddConnector")

    with pytest.raises(registry.BrokenConnector, match="key: it is shown by 'box'"):
        registry.load("odd")
