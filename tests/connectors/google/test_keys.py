"""The service account's key in every form it is handed out, and tokens made with it."""

from __future__ import annotations

import pytest

from connectors.errors import ConnectorIsWrong
from connectors.google import keys
from connectors.google.connector import GoogleConnector
from connectors.http import Http
from tests.connectors.google.conftest import Connect, person
from tests.fakes.google import GoogleDirectory


@pytest.mark.parametrize("form", ["pem", "key_file", "pkcs12"])
def test_a_key_may_be_pem_json_or_pkcs12(
    google: GoogleDirectory, connect: Connect, form: str
) -> None:
    connector = connect(private_key=getattr(google, form))

    assert connector.create(person("kim")).remote_id


def test_a_json_key_brings_the_account_along(google: GoogleDirectory, connect: Connect) -> None:
    connector = connect(private_key=google.key_file, service_account_email="")

    assert all(finding.ok for finding in connector.check())


def test_another_key_needs_the_account(connect: Connect) -> None:
    with pytest.raises(ConnectorIsWrong, match="Service account e-mail"):
        connect(service_account_email="")


@pytest.mark.parametrize(
    "text", ["no key", "bm8ga2V5", "{}", '{"private_key": "x"}', "-----BEGIN PRIVATE KEY-----"]
)
def test_what_is_no_key_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(ConnectorIsWrong) as raised:
        keys.read(text, "notasecret")

    assert "key" in str(raised.value)
    assert "bm8ga2V5" not in str(raised.value)


def test_a_pkcs12_file_with_another_password_is_refused(google: GoogleDirectory) -> None:
    with pytest.raises(ConnectorIsWrong, match="cannot be read"):
        keys.read(google.pkcs12, "another")


def test_one_token_serves_many_calls_and_connectors(
    google: GoogleDirectory, connect: Connect
) -> None:
    connect().create(person("kim"))
    connect().create(person("robin"))

    assert google.tokens_issued == 1


def test_a_token_that_was_revoked_is_renewed_once(
    google: GoogleDirectory, connector: GoogleConnector
) -> None:
    connector.create(person("kim"))
    google.tokens.clear()

    connector.create(person("robin"))

    assert google.tokens_issued == 2


def test_an_account_that_may_not_act_is_the_fault_of_the_settings(connect: Connect) -> None:
    connector = connect(admin_email="nobody@acme.example")

    with pytest.raises(ConnectorIsWrong, match="invalid_grant"):
        connector.create(person("kim"))
    assert not any(finding.ok for finding in connector.check())


def test_neither_key_nor_assertion_is_ever_recorded(
    google: GoogleDirectory, connect: Connect, http: Http
) -> None:
    connect(private_key=google.key_file).create(person("kim"))

    shown = repr(http.exchanges)
    assert "PRIVATE KEY" not in shown
    assertion = google.requests("POST", "/token")[0].body.decode()
    assert assertion.partition("assertion=")[2][:60] not in shown
