"""What SCIM 1.1 calls a PATCH: applied as the specification says, it gives what was wanted."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.scim.partial import partial
from tests.fakes.scim1 import ENTERPRISE
from tests.fakes.scim1_patch import apply_partial

texts = st.sampled_from(["a", "b", "Kim", "ä"])
entries = st.fixed_dictionaries(
    {"value": texts},
    optional={"type": st.sampled_from(["work", "home"]), "primary": st.just(True)},
)
addresses = st.fixed_dictionaries({"locality": texts}, optional={"country": texts})


def lists_of(entry: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[Any]]:
    """Without two of one value or two that are primary: these would be merged."""
    return st.lists(entry, min_size=1, max_size=3).filter(
        lambda found: (
            len({str(one.get("value", one)) for one in found}) == len(found)
            and sum("primary" in one for one in found) < 2
        )
    )


def some(**parts: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts).filter(bool)


documents = st.fixed_dictionaries(
    {"userName": texts},
    optional={
        "title": texts,
        "active": st.booleans(),
        "name": some(givenName=texts, familyName=texts, middleName=texts),
        "emails": lists_of(entries),
        "addresses": lists_of(addresses),
        ENTERPRISE: some(
            department=texts,
            costCenter=texts,
            manager=some(managerId=texts, displayName=texts),
        ),
    },
)


def applied(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    found = partial(before, after)
    result = deepcopy(before)
    body = {"meta": {"attributes": found.paths}, **deepcopy(found.document)}
    apply_partial(result, body, strangers="refused")
    return {key: value for key, value in result.items() if value != {}}


@given(documents, documents)
def test_a_partial_resource_makes_one_document_into_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert applied(before, after) == after


@given(documents)
def test_nothing_is_sent_when_nothing_differs(document: dict[str, Any]) -> None:
    assert not partial(document, deepcopy(document))


@pytest.mark.parametrize(
    ("before", "after", "paths", "document"),
    [
        ({"title": "Dr"}, {}, ["title"], {}),
        ({"active": True}, {"active": False}, [], {"active": False}),
        (
            {"name": {"givenName": "K", "familyName": "L"}},
            {"name": {"givenName": "Kim", "familyName": "L"}},
            [],
            {"name": {"givenName": "Kim"}},
        ),
        (
            {"name": {"givenName": "K", "middleName": "O"}},
            {"name": {"givenName": "K"}},
            ["name.middleName"],
            {},
        ),
        (
            {"emails": [{"value": "a"}]},
            {"emails": [{"value": "b"}]},
            ["emails"],
            {"emails": [{"value": "b"}]},
        ),
        ({}, {"emails": [{"value": "b"}]}, ["emails"], {"emails": [{"value": "b"}]}),
        (
            {
                ENTERPRISE: {
                    "department": "S",
                    "manager": {"managerId": "1", "displayName": "B"},
                }
            },
            {ENTERPRISE: {"manager": {"managerId": "2"}}},
            [f"{ENTERPRISE}:department", f"{ENTERPRISE}:manager.displayName"],
            {ENTERPRISE: {"manager": {"managerId": "2"}}},
        ),
        ({"title": "x"}, {"title": {"a": "b"}}, [], {"title": {"a": "b"}}),
    ],
)
def test_only_what_differs_is_told(
    before: dict[str, Any], after: dict[str, Any], paths: list[str], document: dict[str, Any]
) -> None:
    found = partial(before, after)

    assert found.paths == paths
    assert found.document == document


def test_schemas_are_those_that_it_touches() -> None:
    before = {ENTERPRISE: {"department": "S"}, "urn:a": {"b": "c"}, "title": "x"}

    assert partial(before, {"urn:a": {"b": "d"}}).schemas == ["urn:a", ENTERPRISE]
