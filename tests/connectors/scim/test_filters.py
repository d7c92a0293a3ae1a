from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConnectorIsWrong
from connectors.scim.client import Endpoint
from connectors.scim.filters import equals, member_path

anything = st.text(st.characters(codec="utf-8"), min_size=1)


@given(anything)
def test_a_value_cannot_leave_its_quotes(value: str) -> None:
    attribute, operator, quoted = equals("userName", value).split(" ", 2)

    assert (attribute, operator) == ("userName", "eq")
    assert json.loads(quoted) == value


@given(anything)
def test_a_filter_arrives_in_the_query_as_it_was_meant(value: str) -> None:
    asked = equals("userName", value)

    url = Endpoint("https://host/scim/Users?tenant=1").collection(filter=asked)

    assert parse_qs(urlsplit(url).query, keep_blank_values=True) == {
        "tenant": ["1"],
        "filter": [asked],
    }
    assert "+" not in url


@given(anything)
def test_a_member_path_holds_exactly_one_value(remote_id: str) -> None:
    path = member_path(remote_id)

    assert json.loads(path.removeprefix("members[value eq ").removesuffix("]")) == remote_id


@given(anything)
def test_an_id_is_one_step_of_the_path(remote_id: str) -> None:
    try:
        url = Endpoint("https://host/scim/Users").item(remote_id)
    except ConnectorIsWrong:
        assert remote_id in (".", "..")
    else:
        assert urlsplit(url).path.count("/") == 3
        assert urlsplit(url).query == ""


@pytest.mark.parametrize("ending", ["", "/", "//"])
def test_a_slash_at_the_end_of_an_endpoint_makes_no_difference(ending: str) -> None:
    endpoint = Endpoint(f"https://host/scim/v2/Users{ending}")

    assert endpoint.collection() == "https://host/scim/v2/Users"
    assert endpoint.item("a/b") == "https://host/scim/v2/Users/a%2Fb"
    assert endpoint.sibling("ServiceProviderConfig") == (
        "https://host/scim/v2/ServiceProviderConfig"
    )


def test_a_query_in_an_endpoint_stays_on_every_url() -> None:
    endpoint = Endpoint("https://host/scim/Users?flag")

    assert endpoint.item("7") == "https://host/scim/Users/7?flag"
    assert endpoint.collection(count=1) == "https://host/scim/Users?flag&count=1"
