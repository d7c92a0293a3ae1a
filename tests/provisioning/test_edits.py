"""Edits of a delivery: what is told can be written back, and nothing else is touched."""

from __future__ import annotations

import copy
import doctest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import Dialect
from provisioning import edits, remote_paths
from provisioning.edits import Edit

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
words = st.text("abcäß -/.@", min_size=1, max_size=8).filter(lambda word: word == word.strip())
entries = st.lists(
    st.builds(
        lambda value, kind: {"value": value, "type": kind},
        words,
        st.sampled_from(["work", "home", "other"]),
    ),
    max_size=3,
    unique_by=lambda entry: entry["type"],
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "title": words,
        "nickName": words,
        "name": st.dictionaries(
            st.sampled_from(["givenName", "familyName"]), words, min_size=1
        ),
        "emails": entries,
        "phoneNumbers": entries,
        ENTERPRISE: st.dictionaries(
            st.sampled_from(["department", "costCenter"]), words, min_size=1
        ),
    },
)


@given(documents)
def test_what_is_told_is_all_there_is(document: dict[str, Any]) -> None:
    told = edits.values({"attributes": document}, Dialect.SCIM)

    rebuilt: dict[str, Any] = {}
    for path, value in told.items():
        remote_paths.write(rebuilt, path, value)
    assert rebuilt == {key: value for key, value in document.items() if value}


@given(documents, st.data())
def test_an_edit_changes_its_own_path_only(
    document: dict[str, Any], data: st.DataObject
) -> None:
    payload = {"attributes": document, "create_only": {}, "name": "kim"}
    told = edits.values(payload, Dialect.SCIM)
    if not told:
        return
    path = data.draw(st.sampled_from(sorted(told)))
    value = data.draw(st.none() | words)
    before = copy.deepcopy(payload)

    after = edits.onto(payload, (Edit(path, told[path], value),), Dialect.SCIM)

    assert payload == before
    expected = {**told, path: value} if value is not None else {
        other: kept for other, kept in told.items() if other != path
    }  # fmt: skip
    assert edits.values(after, Dialect.SCIM) == expected
    assert edits.carried(after) == (Edit(path, told[path], value),)
    again = edits.onto(after, edits.carried(after), Dialect.SCIM)
    assert again == after


def test_flat_attributes_and_those_of_creation() -> None:
    payload = {
        "attributes": {"Title": "Dr", "Roles": ["a", "b"]},
        "create_only": {"Alias": "k"},
    }
    given_ = {"Title": "", "Roles": "a\n\nc", "Alias": "kim", "City": "Oslo"}

    changed = edits.of_form(payload, given_, Dialect.FLAT)
    after = edits.onto(payload, changed, Dialect.FLAT)

    assert after["attributes"] == {"Roles": ["a", "c"], "City": "Oslo"}
    assert after["create_only"] == {"Alias": "kim"}


@pytest.mark.parametrize(
    ("before", "text", "value"),
    [(True, "false", False), (7, "8", 8), ("7", "8", "8"), (["a"], "a\nb", ["a", "b"])],
)
def test_a_value_stays_of_its_kind(before: Any, text: str, value: Any) -> None:
    [edit] = edits.of_form({"attributes": {"x": before}}, {"x": text}, Dialect.FLAT)

    assert edit == Edit("x", before, value)
    assert edits.of_form(
        {"attributes": {"x": before}}, {"x": edits.text_of(before)}, Dialect.FLAT
    ) == ()  # fmt: skip


@pytest.mark.parametrize(("before", "text"), [(True, "perhaps"), (7, "seven")])
def test_what_is_no_such_value_is_refused_by_name(before: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"^x: must be"):
        edits.of_form({"attributes": {"x": before}}, {"x": text}, Dialect.FLAT)


def test_secrets_are_masked() -> None:
    rows = edits.compared(
        {"attributes": {"title": "a"}}, {"attributes": {"apiToken": "t0p"}}, Dialect.FLAT
    )

    assert rows == [("apiToken", "***", "***"), ("title", "a", None)]


def test_the_examples_hold() -> None:
    assert doctest.testmod(edits).failed == 0
    assert doctest.testmod(remote_paths).failed == 0
