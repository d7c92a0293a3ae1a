from __future__ import annotations

import base64
import time

import pytest

from connectors import ConnectorIsWrong, EntityType, NotBefore, RetryLater
from connectors.http import Http
from connectors.scim.v2 import Scim2Connector
from tests.connectors.scim.conftest import Connect
from tests.connectors.scim.people import person


def test_basic_credentials_of_any_alphabet_are_sent_as_utf_8(connect: Connect) -> None:
    target, connector = connect(settings={"username": "jürgen", "password": "pä:ss"})

    with pytest.raises(ConnectorIsWrong):
        connector.find(person())

    sent = base64.b64decode(target.log[0].headers["authorization"].removeprefix("Basic "))
    assert sent.decode() == "jürgen:pä:ss"


def test_an_api_key_goes_into_its_header_and_nowhere_else(connect: Connect) -> None:
    target, connector = connect(authentication="api_key")

    connector.find(person())

    assert target.log[0].headers["x-target-key"] == target.api_key
    assert "authorization" not in target.log[0].headers


@pytest.mark.parametrize("authentication", ["basic", "bearer", "api_key", "oauth2", "none"])
def test_every_way_of_authentication_is_accepted_and_hidden(
    connect: Connect, http: Http, authentication: str
) -> None:
    target, connector = connect(authentication=authentication)

    receipt = connector.create(person())

    assert receipt.remote_id in target.users
    assert not [secret for secret in target.secrets if secret in repr(http.exchanges)]


def test_without_authentication_nothing_is_sent(connect: Connect) -> None:
    target, connector = connect(authentication="none")

    connector.find(person())

    assert "authorization" not in target.log[0].headers


def test_one_token_serves_many_requests_and_connectors(connect: Connect) -> None:
    target, connector = connect(authentication="oauth2", settings={"scope": "a b"})
    connector.create(person())

    with Http(allow_private=True) as http:
        settings = {**target.settings, "scope": "a b"}
        Scim2Connector(settings, http).fetch(EntityType.USER, "x")

    assert target.tokens_issued == 1
    assert target.log[0].body == b"grant_type=client_credentials&scope=a+b"


def test_a_revoked_token_is_renewed_once_and_the_request_repeated(connect: Connect) -> None:
    target, connector = connect(authentication="oauth2")
    connector.find(person())
    target.revoke_tokens()

    receipt = connector.create(person())

    assert receipt.remote_id in target.users
    assert target.tokens_issued == 2


def test_a_token_that_is_never_good_is_not_renewed_for_ever(connect: Connect) -> None:
    target, connector = connect(authentication="oauth2")
    target.fail_next(401, times=100, path="/Users")

    with pytest.raises(ConnectorIsWrong):
        connector.find(person())

    assert target.tokens_issued == 2


@pytest.mark.parametrize(("seconds", "tokens"), [(1, 2), (3600, 1), (None, 1)])
def test_a_token_is_used_until_shortly_before_its_end(
    connect: Connect, seconds: int | None, tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, connector = connect(authentication="oauth2", token_seconds=seconds)
    connector.find(person())

    move_clock(monkeypatch, 2.0)
    connector.find(person())

    assert target.tokens_issued == tokens


def move_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + seconds)


def test_a_refused_client_is_the_fault_of_the_connector(connect: Connect) -> None:
    target, connector = connect(authentication="oauth2", settings={"client_secret": "wrong-1"})

    with pytest.raises(ConnectorIsWrong, match="invalid_client") as raised:
        connector.find(person())

    assert "wrong-1" not in str(raised.value)
    # Asked with the Authorization header first, then with the body (RFC 6749 §2.3.1).
    assert [request.path for request in target.log] == ["/oauth2/token"] * 2
    assert b"client_secret" not in target.log[0].body
    assert b"client_secret" in target.log[1].body


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"access_token": 7}', b"{}"])
def test_a_token_endpoint_that_gives_none_is_the_fault_of_the_connector(
    connect: Connect, body: bytes
) -> None:
    target, connector = connect(authentication="oauth2")
    target.fail_next(200, body=body)

    with pytest.raises(ConnectorIsWrong, match="no access token"):
        connector.find(person())


def test_an_unreachable_token_endpoint_sent_nothing(connect: Connect) -> None:
    target, connector = connect(authentication="oauth2")
    target.drop_next()

    with pytest.raises(RetryLater) as raised:
        connector.create(person())

    assert not raised.value.maybe_sent


def test_a_throttled_token_endpoint_is_not_asked_before_its_time(connect: Connect) -> None:
    target, connector = connect(authentication="oauth2")
    target.fail_next(429, headers={"Retry-After": "9"})

    with pytest.raises(NotBefore) as raised:
        connector.create(person())

    assert raised.value.retry_after == 9
    assert not raised.value.maybe_sent


def test_tokens_are_in_no_recording(connect: Connect, http: Http) -> None:
    target, connector = connect(authentication="oauth2")

    connector.create(person())

    (token,) = target.tokens
    assert token not in repr(http.exchanges)
    assert target.client_secret not in repr(http.exchanges)
