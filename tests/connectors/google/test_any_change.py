"""From any state to any other: what the directory holds is what a new user would have, and
what others wrote."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.google.connector import GoogleConnector
from connectors.http import Http
from connectors.testing import accepted
from tests.connectors.google.conftest import person
from tests.fakes.google import GoogleDirectory

WORDS = st.sampled_from(["a", "b", "c"])
CLAIMS = "http://wso2.org/claims/"
STATES = st.fixed_dictionaries(
    {CLAIMS + "givenname": WORDS, CLAIMS + "lastname": WORDS},
    optional={
        **dict.fromkeys(
            (
                "phones.work",
                "phones.mobile",
                "phones.boat",
                "emails.home",
                "organizations.title",
                "organizations.department",
                "addresses.home.locality",
                "addresses.home.country",
                "addresses.work",
                "externalIds.organization",
                "relations.manager",
                "posixAccounts.username",
                "customSchemas.A.x",
                "customSchemas.A.y",
                "customSchemas.Employment.badge",
                "notes",
                "gender.addressMeAs",
            ),
            WORDS,
        ),
        "languages": st.lists(WORDS, unique=True, min_size=1),
        "customSchemas.Employment.skills": st.lists(WORDS, min_size=1),
        "includeInGlobalAddressList": st.sampled_from(["true", "false"]),
    },
)
OTHERS = {
    "phones": {"type": "pager", "value": "by another"},
    "externalIds": {"type": "custom", "customType": "badge", "value": "by another"},
    "sshPublicKeys": {"key": "by another"},
}
_numbers = itertools.count()


@pytest.fixture(scope="module")
def directory() -> Iterator[tuple[GoogleDirectory, GoogleConnector]]:
    with GoogleDirectory() as google, Http(allow_private=True) as http:
        yield google, GoogleConnector(google.settings, http)


@settings(max_examples=150, deadline=None)
@given(before=STATES, after=STATES, known=st.booleans(), beside=st.booleans())
def test_any_change_ends_where_a_new_user_would(
    directory: tuple[GoogleDirectory, GoogleConnector],
    before: dict[str, Any],
    after: dict[str, Any],
    known: bool,
    beside: bool,
) -> None:
    google, connector = directory
    number = next(_numbers)
    kim = replace(person(f"kim{number}"), attributes=before)
    link = accepted(kim, connector.create(kim))
    if beside:
        for field, entry in OTHERS.items():
            google.users[link.remote_id].setdefault(field, []).append(entry)
    if not known:
        link = replace(link, accepted=None, unconfirmed=before)

    receipt = connector.update(replace(link, attributes=after))
    fresh = connector.create(replace(person(f"new{number}"), attributes=after))

    wanted = told(google.users[fresh.remote_id])
    if beside:
        for field, entry in OTHERS.items():
            wanted[field] = [*wanted.get(field, []), entry]
    assert alike(told(google.users[link.remote_id]), wanted)
    assert connector.update(replace(accepted(kim, receipt), attributes=after)) == receipt


def told(user: dict[str, Any]) -> dict[str, Any]:
    ours = {"id", "kind", "primaryEmail"}
    return {key: value for key, value in user.items() if key not in ours}


def alike(one: Any, other: Any) -> bool:
    """Lists in any order; what is empty is as if it were not there."""
    return _plain(one) == _plain(other)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        made = {key: _plain(inner) for key, inner in value.items()}
        return {key: inner for key, inner in made.items() if inner not in (None, {}, [])}
    if isinstance(value, list):
        return sorted((_plain(inner) for inner in value), key=repr)
    return value
