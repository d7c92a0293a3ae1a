"""Sessions, limits, pages and error codes of the REST API."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import (
    ConnectorIsWrong,
    JobIsWrong,
    Member,
    MemberChanges,
    NotBefore,
    RemoteExists,
    RetryLater,
)
from connectors.http import Http
from connectors.salesforce.connector import SalesforceConnector
from connectors.testing import accepted
from tests.connectors.salesforce.conftest import Connect, group, person
from tests.fakes.salesforce import SalesforceOrg, failure


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", NotBefore),
        (400, "UNABLE_TO_LOCK_ROW", RetryLater),
        (400, "DUPLICATE_VALUE", RemoteExists),
        (400, "DUPLICATE_COMM_NICKNAME", JobIsWrong),
        (500, "UNKNOWN_EXCEPTION", RetryLater),
        (404, "NOT_FOUND", ConnectorIsWrong),
        (400, "LICENSE_LIMIT_EXCEEDED", JobIsWrong),
        (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", JobIsWrong),
        (403, "INSUFFICIENT_ACCESS", ConnectorIsWrong),
        (403, "API_DISABLED_FOR_ORG", ConnectorIsWrong),
        (503, "SERVER_UNAVAILABLE", RetryLater),
    ],
)
def test_its_own_codes_say_what_to_do_next(
    org: SalesforceOrg,
    connector: SalesforceConnector,
    status: int,
    code: str,
    error: type[Exception],
) -> None:
    connector.check()
    org.fail_next(status, path="/sobjects", body=failure(code))

    with pytest.raises(error) as raised:
        connector.create(person("kim"))

    assert type(raised.value) is error
    assert code in str(raised.value)


def test_a_used_up_organisation_says_how_much_it_used(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    connector.check()
    org.fail_next(403, path="/sobjects", body=failure("REQUEST_LIMIT_EXCEEDED"))

    with pytest.raises(NotBefore, match="1/15000 requests used") as raised:
        connector.create(person("kim"))

    assert raised.value.retry_after == 900


def test_the_requests_of_a_day_are_waited_for_longer_than_those_at_the_same_time(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    connector.check()
    said = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    org.fail_next(403, path="/sobjects", body=failure("REQUEST_LIMIT_EXCEEDED", said))
    with pytest.raises(NotBefore) as raised:
        connector.create(person("kim"))
    assert raised.value.retry_after == 10

    org.limit = org.usage
    with pytest.raises(NotBefore, match="TotalRequests") as raised:
        connector.create(person("kim"))
    assert raised.value.retry_after == 900


def test_a_busy_server_that_says_for_how_long_is_left_alone_so_long(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    connector.check()
    org.fail_next(
        503, path="/sobjects", body=failure("SERVER_UNAVAILABLE"), headers={"Retry-After": "70"}
    )

    with pytest.raises(NotBefore) as raised:
        connector.create(person("kim"))

    assert raised.value.retry_after == 70


def test_records_are_read_page_after_page(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    org.page_size = 2
    sales = accepted(group("sales"), connector.create(group("sales")))
    people = [person(f"user{number}") for number in range(5)]
    members = [Member(connector.create(one).remote_id, one.remote_name) for one in people]
    list(connector.change_members(sales, MemberChanges(add=members)))

    list(connector.change_members(sales, MemberChanges(remove=members)))

    assert org.member_ids(sales.remote_id) == []
    assert len(org.requests("GET", "/query/01g")) == 2


def test_pages_without_end_are_no_answer(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    document: Any = {
        "done": False,
        "records": [],
        "nextRecordsUrl": "/services/data/v60.0/query/1",
    }
    org.fail_next(200, times=1000, path="/query", document=document)

    with pytest.raises(ConnectorIsWrong, match="does not come to an end"):
        connector.find(person("kim"))


def test_a_session_that_is_over_is_renewed_once(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    connector.create(person("kim"))
    org.tokens.clear()

    connector.create(person("robin"))

    assert org.tokens_issued == 2


def test_a_session_that_is_over_is_known_by_its_code(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    connector.create(person("kim"))
    org.fail_next(403, path="/sobjects", body=failure("INVALID_SESSION_ID"))

    connector.create(person("robin"))

    assert org.tokens_issued == 2
    assert len(org.users) == 2


@pytest.mark.parametrize("grant", ["password", "client_credentials", "jwt_bearer"])
def test_every_grant_gets_a_token_that_serves_many_calls(
    org: SalesforceOrg, connect: Connect, grant: str
) -> None:
    settings = {"grant": grant, "private_key": org.private_key}

    connect(**settings).create(person("kim"))
    connect(**settings).create(person("robin"))

    assert org.tokens_issued == 1


@pytest.mark.parametrize("audience", ["https://login.salesforce.com", "its own address"])
def test_an_assertion_is_for_the_login_host_or_for_whoever_is_asked(
    org: SalesforceOrg, connect: Connect, audience: str
) -> None:
    org.audience = audience if audience.startswith("https") else org.url
    connector = connect(grant="jwt_bearer", private_key=org.private_key)

    assert all(finding.ok for finding in connector.check())


def test_a_refused_assertion_is_not_asked_for_ever(
    org: SalesforceOrg, connect: Connect
) -> None:
    connector = connect(grant="jwt_bearer", private_key=org.private_key, username="who@acme.x")

    with pytest.raises(ConnectorIsWrong, match="authentication failure"):
        connector.create(person("kim"))

    assert len(org.requests("POST", "/token")) == 2


def test_refused_credentials_are_the_fault_of_the_settings(
    connect: Connect, http: Http
) -> None:
    connector = connect(password="wrong-4711")

    with pytest.raises(ConnectorIsWrong, match="authentication failure"):
        connector.create(person("kim"))

    assert "wrong-4711" not in repr(http.exchanges)


def test_the_version_may_be_written_either_way(connect: Connect) -> None:
    assert all(finding.ok for finding in connect(api_version="60.0").check())


@pytest.mark.parametrize(("version", "ok"), [("v41.0", False), ("v42.0", True)])
def test_an_old_version_cannot_do_groups(
    org: SalesforceOrg, connect: Connect, version: str, ok: bool
) -> None:
    org.version = version

    findings = connect(api_version=version).check()

    assert all(finding.ok for finding in findings) is ok
    assert any("members of groups" in finding.what for finding in findings) is not ok
