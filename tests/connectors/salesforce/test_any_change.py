"""From any state to any other: what the organisation holds is what a new user would have."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.http import Http
from connectors.salesforce.connector import SalesforceConnector
from connectors.testing import accepted
from tests.connectors.salesforce.conftest import COMPLETE, person
from tests.fakes.salesforce import SalesforceOrg

STATES = st.fixed_dictionaries(
    {},
    optional={
        "Title": st.sampled_from(["Dr", "Prof", "True"]),
        "Phone": st.sampled_from(["1", "2"]),
        "Alias": st.sampled_from(["kim", "kimberly-ann"]),
        "ProfileId": st.sampled_from(["Standard User", "Minimum Access - Salesforce"]),
        "UserPermissionsMarketingUser": st.sampled_from(["true", "false", True]),
        "ForecastEnabled": st.sampled_from(["true", "false"]),
        "http://wso2.org/claims/title": st.just("no field"),
    },
)
_numbers = itertools.count()


@pytest.fixture(scope="module")
def organisation() -> Iterator[tuple[SalesforceOrg, SalesforceConnector]]:
    with SalesforceOrg() as org, Http(allow_private=True) as http:
        org.limit = 10**6
        yield org, SalesforceConnector(org.settings, http)


@settings(max_examples=150, deadline=None)
@given(before=STATES, after=STATES, known=st.booleans(), active=st.booleans())
def test_any_change_ends_where_a_new_user_would(
    organisation: tuple[SalesforceOrg, SalesforceConnector],
    before: dict[str, Any],
    after: dict[str, Any],
    known: bool,
    active: bool,
) -> None:
    org, connector = organisation
    number = next(_numbers)
    kim = person(f"kim{number}", attributes=before)
    link = accepted(kim, connector.create(kim))
    if not known:
        link = replace(link, accepted=None, unconfirmed=kim.attributes)

    receipt = connector.update(replace(link, attributes=COMPLETE | after, active=active))
    fresh = connector.create(person(f"new{number}", attributes=after, active=active))

    assert told(org.users[link.remote_id]) == told(org.users[fresh.remote_id])
    again = replace(accepted(kim, receipt), attributes=COMPLETE | after, active=active)
    assert connector.update(again) == receipt


def told(user: dict[str, Any]) -> dict[str, Any]:
    """Without what tells them apart; what is null or false is as if it were not there."""
    return {
        key: value for key, value in user.items() if value and key not in ("Id", "Username")
    }
