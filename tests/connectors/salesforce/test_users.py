"""People in Salesforce: what is checked before it is sent, and what becomes of leavers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import (
    ConnectorIsWrong,
    EntityType,
    JobIsWrong,
    LocalName,
    NotConfigured,
    RemoteExists,
    RemoteMissing,
)
from connectors.salesforce.connector import SalesforceConnector
from connectors.testing import accepted
from tests.connectors.salesforce.conftest import COMPLETE, Connect, person
from tests.fakes.salesforce import SalesforceOrg


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


def test_a_leaver_gives_back_whatever_must_be_unique(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    unique = {"FederationIdentifier": "kim", "CommunityNickname": "kim"}
    kim = person("kim")
    kim = replace(kim, attributes={**kim.attributes, **unique})
    leaver = accepted(kim, connector.create(kim))

    connector.delete(leaver)
    again = connector.create(kim)

    there = org.users[leaver.remote_id]
    assert there["FederationIdentifier"] is None
    assert there["CommunityNickname"] == f"old.{leaver.remote_id.lower()}"
    assert org.users[again.remote_id]["CommunityNickname"] == "kim"


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


@pytest.mark.parametrize("attribute", ["mapped", "external id"])
def test_somebody_renamed_there_is_found_by_the_federation_identifier(
    org: SalesforceOrg, connector: SalesforceConnector, attribute: str
) -> None:
    there = org.add_user("robin@acme.example", FederationIdentifier="e'17")
    known = {"FederationIdentifier": "e'17"} if attribute == "mapped" else {}
    external_id = "" if known else "e'17"

    found = connector.find(person("kim", external_id=external_id, attributes=known))

    assert [one.remote_id for one in found] == [there["Id"]]
    assert connector.find(person("kim", external_id="e")) == []


def test_a_username_that_is_no_address_is_a_matter_of_configuration(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    before = org.count_requests()

    with pytest.raises(NotConfigured, match="Provisioning domain"):
        connector.create(replace(person("kim"), remote_name="kim"))

    assert org.count_requests() == before


def test_a_username_of_another_organisation_is_named(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    org.elsewhere.add("kim@acme.example")

    with pytest.raises(JobIsWrong, match="another Salesforce organisation"):
        connector.create(person("kim"))


def test_a_username_of_this_organisation_is_taken(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    org.add_user("kim@acme.example")

    with pytest.raises(RemoteExists, match="DUPLICATE_USERNAME"):
        connector.create(person("kim"))


def test_only_fields_that_are_booleans_are_sent_as_such(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    kim = person(
        "kim",
        attributes={
            "LastName": "True",
            "ReceivesInfoEmails": "false",
            "UserPermissionsMarketingUser": "TRUE",
        },
    )

    receipt = connector.create(kim)

    user = org.users[receipt.remote_id]
    assert user["LastName"] == "True"
    assert (user["ReceivesInfoEmails"], user["UserPermissionsMarketingUser"]) == (False, True)

    fewer = {k: v for k, v in kim.attributes.items() if not k.startswith(("User", "Rec"))}
    connector.update(replace(accepted(kim, receipt), attributes=fewer))
    assert user["UserPermissionsMarketingUser"] is False


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("TimeZoneSidKey", "Mars/Olympus", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("EmployeeNumber", "1" * 21, "STRING_TOO_LONG"),
        ("Email", "no address", "INVALID_EMAIL_ADDRESS"),
        ("ManagerId", "boss", "MALFORMED_ID"),
        ("ManagerId", "005999999999999AAA", "INVALID_CROSS_REFERENCE_KEY"),
        ("Nonsense__c", "1", "INVALID_FIELD"),
        ("ForecastEnabled", "perhaps", "JSON_PARSER_ERROR"),
    ],
)
def test_what_salesforce_refuses_is_told_in_its_words(
    connector: SalesforceConnector, field: str, value: str, code: str
) -> None:
    with pytest.raises(JobIsWrong, match=code):
        connector.create(person("kim", attributes={field: value}))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"grant": "password", "password": ""}, "Password"),
        ({"grant": "client_credentials", "client_secret": ""}, "Client secret"),
        (
            {
                "grant": "client_credentials",
                "token_endpoint": "https://login.salesforce.com/services/oauth2/token",
            },
            "own address",
        ),
        ({"grant": "jwt_bearer"}, "Private key"),
        ({"grant": "jwt_bearer", "private_key": "no key"}, "private key cannot be read"),
        ({"grant": "magic"}, "no grant 'magic'"),
        ({"pattern": "{XX}"}, "no token 'XX'"),
        ({"api_version": "latest"}, "API version: it looks like v60.0"),
    ],
)
def test_settings_that_cannot_work_are_named(
    connect: Connect, wrong: dict[str, str], named: str
) -> None:
    with pytest.raises(ConnectorIsWrong, match=named):
        connect(**wrong)


def test_usernames_are_made_by_pattern_in_the_domain(connect: Connect) -> None:
    connector = connect(pattern="{UD,UN,TD,IDP}", separator="-")
    name = LocalName("user@x", identity_provider="salesforce")

    assert connector.remote_name(EntityType.USER, name) == (
        "primary-user.x-carbon.super-salesforce@acme.example"
    )
