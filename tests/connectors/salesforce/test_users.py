"""People in Salesforce: what is checked before it is sent, and what becomes of leavers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import (
    ConnectorIsWrong,
    EntityType,
    JobIsWrong,
    LocalName,
    NotBefore,
    NotConfigured,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.http import Http
from connectors.salesforce.connector import SalesforceConnector
from connectors.testing import accepted
from tests.connectors.salesforce.conftest import COMPLETE, Connect, person
from tests.fakes.salesforce import SalesforceOrg, failure


def test_a_new_user_has_what_is_mapped_and_a_username_by_pattern(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    kim = person(
        "kim",
        attributes={
            "Alias": "kimberly-long",
            "UserPermissionsOfflineUser": "false",
            "Username": "not.this@one.example",
            "http://wso2.org/claims/title": "no field of Salesforce",
        },
    )

    receipt = connector.create(kim)

    user = org.users[receipt.remote_id]
    assert user["Username"] == "kim@acme.example"
    assert user["Alias"] == "kimberly"
    assert user["UserPermissionsOfflineUser"] is False
    assert user["IsActive"] is True


@pytest.mark.parametrize("missing", [["LastName"], ["Alias", "ProfileId"], sorted(COMPLETE)])
def test_what_is_missing_is_named_before_anything_is_sent(
    org: SalesforceOrg, connector: SalesforceConnector, missing: list[str]
) -> None:
    attributes = {name: value for name, value in COMPLETE.items() if name not in missing}
    before = org.count_requests()

    with pytest.raises(NotConfigured) as raised:
        connector.create(replace(person("kim"), attributes=attributes))

    assert all(name in str(raised.value) for name in missing)
    assert org.count_requests() == before


def test_a_profile_may_be_named_and_is_looked_up_once(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    for name in ("kim", "robin"):
        connector.create(person(name, attributes={"ProfileId": "Standard User"}))

    assert {u["ProfileId"] for u in org.users.values()} == {"00e000000000001AAA"}
    assert len(org.requests("GET", "/query")) == 1


def test_a_profile_that_does_not_exist_is_a_matter_of_configuration(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    with pytest.raises(NotConfigured, match="no profile called 'Boss'"):
        connector.create(person("kim", attributes={"ProfileId": "Boss"}))

    assert org.users == {}


def test_only_what_changed_is_sent_and_what_is_gone_is_cleared(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    kim = person("kim", attributes={"Title": "Dr", "Phone": "1"})
    receipt = connector.create(kim)
    attributes = {k: v for k, v in kim.attributes.items() if k != "Phone"} | {"Title": "Prof"}

    connector.update(
        replace(
            accepted(kim, receipt), attributes=attributes, remote_name="kim.lee@acme.example"
        )
    )

    assert org.requests("PATCH")[-1].json == {
        "Title": "Prof",
        "Phone": None,
        "Username": "kim.lee@acme.example",
    }


def test_a_leaver_is_deactivated_and_the_username_is_free_again(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    kim = person("kim")
    first = accepted(kim, connector.create(kim))

    connector.delete(first)

    user = org.users[first.remote_id]
    assert user["IsActive"] is False
    assert user["Username"] == f"old.{first.remote_id.lower()}.kim@acme.example"
    assert connector.find(kim) == []
    assert connector.create(kim).remote_id != first.remote_id


def test_a_leaver_may_keep_the_username(org: SalesforceOrg, connect: Connect) -> None:
    connector = connect(rename_on_delete=False)
    kim = person("kim")
    first = accepted(kim, connector.create(kim))

    connector.delete(first)

    assert org.users[first.remote_id]["Username"] == "kim@acme.example"
    assert [found.active for found in connector.find(kim)] == [False]
    with pytest.raises(RemoteMissing):
        connector.delete(first)


def test_a_returner_is_activated_again(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    kim = person("kim")
    before = accepted(kim, connector.create(kim))
    receipt = connector.update(replace(before, active=False))

    connector.update(accepted(kim, receipt))

    assert org.users[receipt.remote_id]["IsActive"] is True
    assert org.requests("PATCH")[-1].json == {"IsActive": True}


def test_somebody_renamed_there_is_found_by_the_federation_identifier(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    there = org.add_user("robin@acme.example", FederationIdentifier="e-17")

    found = connector.find(person("kim", external_id="e-17"))

    assert [one.remote_id for one in found] == [there["Id"]]


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", NotBefore),
        (400, "UNABLE_TO_LOCK_ROW", RetryLater),
        (400, "DUPLICATE_USERNAME", RemoteExists),
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


def test_a_session_that_is_over_is_renewed_once(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    connector.create(person("kim"))
    org.tokens.clear()

    connector.create(person("robin"))

    assert org.tokens_issued == 2


@pytest.mark.parametrize("grant", ["password", "client_credentials", "jwt_bearer"])
def test_every_grant_gets_a_token_that_serves_many_calls(
    org: SalesforceOrg, connect: Connect, grant: str
) -> None:
    settings = {"grant": grant, "private_key": org.private_key}

    connect(**settings).create(person("kim"))
    connect(**settings).create(person("robin"))

    assert org.tokens_issued == 1


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"grant": "password", "password": ""}, "Password"),
        ({"grant": "client_credentials", "client_secret": ""}, "Client secret"),
        ({"grant": "jwt_bearer"}, "Private key"),
        ({"grant": "jwt_bearer", "private_key": "no key"}, "private key cannot be read"),
        ({"grant": "magic"}, "no grant 'magic'"),
        ({"pattern": "{XX}"}, "no token 'XX'"),
    ],
)
def test_settings_that_cannot_work_are_named(
    connect: Connect, wrong: dict[str, str], named: str
) -> None:
    with pytest.raises(ConnectorIsWrong, match=named):
        connect(**wrong)


def test_refused_credentials_are_the_fault_of_the_settings(
    connect: Connect, http: Http
) -> None:
    connector = connect(password="wrong-4711")

    with pytest.raises(ConnectorIsWrong, match="authentication failure"):
        connector.create(person("kim"))

    assert "wrong-4711" not in repr(http.exchanges)


def test_usernames_are_made_by_pattern_in_the_domain(connect: Connect) -> None:
    connector = connect(pattern="{UD,UN,TD,IDP}", separator="-")
    name = LocalName("user@x", identity_provider="salesforce")

    assert connector.remote_name(EntityType.USER, name) == (
        "primary-user.x-carbon.super-salesforce@acme.example"
    )


def test_the_version_may_be_written_either_way(connect: Connect) -> None:
    assert all(finding.ok for finding in connect(api_version="60.0").check())
