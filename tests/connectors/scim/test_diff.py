from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.scim.diff import operations
from tests.fakes.scim2_patch import apply_patch

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CUSTOM = "urn:purveyor:custom:User"

simple = st.one_of(st.text(max_size=5), st.booleans(), st.integers(0, 3))
flat = st.dictionaries(st.sampled_from(["value", "type", "primary"]), simple, min_size=1)
many = st.lists(st.one_of(flat, simple), min_size=1, max_size=3)
complex_ = st.dictionaries(
    st.sampled_from(["givenName", "familyName", "x"]), simple, min_size=1
)
attribute = st.one_of(simple, many, complex_)
extension = st.dictionaries(
    st.sampled_from(["department", "manager", "x"]), attribute, min_size=1
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "userName": st.text(max_size=5),
        "active": st.booleans(),
        "title": attribute,
        "name": attribute,
        "emails": attribute,
        ENTERPRISE: extension,
        CUSTOM: extension,
    },
)


@given(documents, documents)
def test_applying_the_operations_to_what_was_accepted_gives_what_is_wanted(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    resource = copy.deepcopy(before)

    apply_patch(resource, operations(before, after))

    assert as_json({key: value for key, value in resource.items() if value != {}}) == as_json(
        after
    )


@given(documents)
def test_nothing_differs_from_itself(document: dict[str, Any]) -> None:
    assert operations(document, copy.deepcopy(document)) == []


@given(documents, documents)
def test_no_path_is_named_twice(before: dict[str, Any], after: dict[str, Any]) -> None:
    paths = [operation["path"] for operation in operations(before, after)]

    assert len(paths) == len(set(paths))


def test_only_the_sub_attribute_that_changed_is_sent() -> None:
    before = {"name": {"givenName": "Kim", "familyName": "A"}, "title": "Dr"}
    after = {"name": {"givenName": "Kim", "familyName": "B"}, "title": "Dr"}

    assert operations(before, after) == [
        {"op": "replace", "path": "name.familyName", "value": "B"}
    ]


def test_attributes_of_extensions_have_the_urn_in_their_path() -> None:
    before = {ENTERPRISE: {"department": "A", "costCenter": "1", "manager": {"value": "1"}}}
    after = {ENTERPRISE: {"department": "B", "manager": {"value": "2"}}}

    assert operations(before, after) == [
        {"op": "remove", "path": f"{ENTERPRISE}:costCenter"},
        {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "B"},
        {"op": "replace", "path": f"{ENTERPRISE}:manager.value", "value": "2"},
    ]


def test_values_of_a_list_are_replaced_together() -> None:
    before = {"emails": [{"value": "a"}, {"value": "b"}]}
    after = {"emails": [{"value": "a"}]}

    assert operations(before, after) == [
        {"op": "replace", "path": "emails", "value": [{"value": "a"}]}
    ]


def test_true_is_not_one() -> None:
    assert operations({"x": 1, "y": [0]}, {"x": True, "y": [False]}) != []


def as_json(value: Any) -> Any:
    """For comparison as JSON, where true is not 1."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return (type(value).__name__, value)
