"""Which password a user of Google gets, and when: never one by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.google.connector import GoogleConnector
from connectors.http import Http
from connectors.testing import accepted
from tests.connectors.google.conftest import Connect, person
from tests.fakes.google import GoogleDirectory


def test_a_password_is_sent_when_there_is_one_and_never_by_itself(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    kim = person("kim", password="first-password")
    receipt = connector.create(kim)
    assert google.passwords[receipt.remote_id] == "first-password"

    changed = {"http://wso2.org/claims/givenname": "Kimberly"}
    receipt = connector.update(
        replace(accepted(kim, receipt), attributes=kim.attributes | changed)
    )
    assert google.passwords[receipt.remote_id] == "first-password"

    connector.update(replace(accepted(kim, receipt), password="second-password"))
    assert google.passwords[receipt.remote_id] == "second-password"


@pytest.mark.parametrize(
    ("provisioned", "own", "default", "set_there"),
    [
        (True, "the-persons-own", "the-default-one", "the-persons-own"),
        (True, None, "the-default-one", "the-default-one"),
        (False, "the-persons-own", "the-default-one", "the-default-one"),
        (False, "the-persons-own", "", ""),
        (True, None, "", ""),
    ],
)
def test_a_new_user_gets_their_own_or_the_default_password(
    google: GoogleDirectory,
    connect: Connect,
    http: Http,
    provisioned: bool,
    own: str | None,
    default: str,
    set_there: str,
) -> None:
    connector = connect(enable_password_provisioning=provisioned, default_password=default)

    receipt = connector.create(person("kim", password=own))

    sent = google.passwords[receipt.remote_id]
    assert sent == set_there or (not set_there and len(sent) >= 24 and sent != own)
    assert receipt.password_set is bool(set_there)
    assert sent not in repr(http.exchanges)


@pytest.mark.parametrize("provisioned", [True, False])
def test_an_update_never_sets_a_default_or_random_password(
    google: GoogleDirectory, connect: Connect, provisioned: bool
) -> None:
    connector = connect(enable_password_provisioning=provisioned, default_password="default-1")
    kim = person("kim")
    before = accepted(kim, connector.create(kim))

    for change in (
        {"active": False},
        {"remote_name": "kim.lee@acme.example"},
        {"accepted": None},
    ):
        connector.update(replace(before, **change))

    assert [r for r in google.requests("PUT") if "password" in r.json] == []


def test_a_changed_password_stays_here_where_passwords_are_not_provisioned(
    google: GoogleDirectory, connect: Connect
) -> None:
    connector = connect(enable_password_provisioning=False)
    kim = person("kim")
    before = accepted(kim, connector.create(kim))

    receipt = connector.update(replace(before, password="second-password"))

    assert not receipt.password_set
    assert google.requests("PUT") == []
