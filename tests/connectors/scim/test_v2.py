"""What is sent, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import ConnectorIsWrong, EntityType, JobIsWrong, LocalName, RemoteMissing
from connectors.http import Http
from connectors.scim.v2 import Scim2Connector
from connectors.testing import accepted
from tests.connectors.scim.conftest import Connect
from tests.connectors.scim.people import group, person
from tests.fakes.scim2 import ENTERPRISE, Scim2Target


def test_a_user_is_created_with_name_attributes_and_external_id(
    target: Scim2Target, connector: Scim2Connector
) -> None:
    attributes = {
        "name": {"givenName": "Kim"},
        ENTERPRISE: {"department": "Sales"},
        "title": None,
    }

    receipt = connector.create(person(attributes=attributes))

    sent = target.log[0].json
    assert sent == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "name": {"givenName": "Kim"},
        ENTERPRISE: {"department": "Sales"},
        "userName": "kim",
        "externalId": "x-kim",
        "active": True,
    }
    assert target.log[0].headers["content-type"] == "application/scim+json"
    assert target.log[0].headers["accept"] == "application/scim+json, application/json"
    assert receipt.accepted == {key: value for key, value in sent.items() if key != "schemas"}


def test_what_is_not_ours_to_write_is_not_sent(
    target: Scim2Target, connector: Scim2Connector
) -> None:
    document = {
        "id": "1",
        "meta": {},
        "groups": [1],
        "members": [2],
        "password": "p",
        "title": "T",
    }

    connector.create(person(attributes=document))

    assert target.log[0].json.keys() == {
        "schemas",
        "title",
        "userName",
        "externalId",
        "active",
    }


def test_a_group_is_created_without_members(
    target: Scim2Target, connector: Scim2Connector
) -> None:
    receipt = connector.create(group("Sales & Co", external_id="x-7"))

    assert target.log[0].json == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Sales & Co",
        "externalId": "x-7",
    }
    assert receipt.remote_id in target.groups


def test_an_update_is_one_patch_of_what_differs(
    target: Scim2Target, connector: Scim2Connector
) -> None:
    entity = person(attributes={"name": {"givenName": "Kim"}, "title": "Dr"})
    entity = accepted(entity, connector.create(entity))

    connector.update(replace(entity, attributes={"name": {"givenName": "Robin"}}, active=False))

    assert [str(request) for request in target.log[1:]] == [
        f"PATCH /scim/v2/Users/{entity.remote_id}"
    ]
    assert target.log[1].json == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [
            {"op": "remove", "path": "title"},
            {"op": "replace", "path": "name.givenName", "value": "Robin"},
            {"op": "replace", "path": "active", "value": False},
        ],
    }


def test_a_rename_follows_the_name_the_target_knows(
    target: Scim2Target, connector: Scim2Connector
) -> None:
    entity = person()
    receipt = connector.create(entity)
    known = {key: value for key, value in receipt.accepted.items() if key != "userName"}
    entity = replace(entity, remote_id=receipt.remote_id, accepted=known, accepted_name="kim")

    receipt = connector.update(replace(entity, remote_name="robin"))

    assert target.log[1].json["Operations"] == [
        {"op": "replace", "path": "userName", "value": "robin"}
    ]
    assert receipt.remote_name == "robin"


def test_without_knowledge_the_target_is_read_and_only_our_attributes_are_changed(
    target: Scim2Target, connector: Scim2Connector
) -> None:
    there = target.add_user("kim", title="Dr", nickName="K", name={"givenName": "K", "x": "y"})

    entity = person(
        remote_id=there["id"], attributes={"title": "Prof", "name": {"givenName": "K"}}
    )
    connector.update(entity)

    assert [request.method for request in target.log] == ["GET", "PATCH"]
    assert target.log[1].json["Operations"] == [
        {"op": "replace", "path": "title", "value": "Prof"},
        {"op": "replace", "path": "externalId", "value": "x-kim"},
    ]
    assert target.users[there["id"]]["nickName"] == "K"


@pytest.mark.parametrize("method", ["auto", "put"])
def test_what_may_be_there_from_us_and_is_no_longer_wanted_is_removed(
    connect: Connect, method: str
) -> None:
    target, connector = connect(settings={"update_method": method})
    name = {"givenName": "K", "middleName": "O"}
    there = target.add_user("kim", title="Dr", nickName="K", name=name)

    wanted = {"name": {"givenName": "K"}}
    entity = person(remote_id=there["id"], attributes=wanted)
    maybe = {"title": "Dr", "name": {"middleName": "O"}, "userType": "x", "ims": None}
    connector.update(replace(entity, unconfirmed=maybe))

    assert target.users[there["id"]].items() >= {"nickName": "K", **wanted}.items()
    assert "title" not in target.users[there["id"]]


def test_a_taken_external_id_is_kept_when_we_have_none(
    target: Scim2Target, connector: Scim2Connector
) -> None:
    there = target.add_user("kim", externalId="theirs")

    connector.update(person(remote_id=there["id"], external_id="", active=False))

    assert target.users[there["id"]]["externalId"] == "theirs"


# -- passwords --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("enabled", "default", "own", "sent"),
    [
        (True, "", "own-1", "own-1"),
        (True, "default-1", "own-1", "own-1"),
        (True, "default-1", None, "default-1"),
        (True, "", None, None),
        (False, "default-1", "own-1", "default-1"),
        (False, "", "own-1", None),
    ],
)
def test_which_password_a_new_user_gets(
    connect: Connect, enabled: bool, default: str, own: str | None, sent: str | None
) -> None:
    settings = {"enable_password_provisioning": enabled, "default_password": default}
    target, connector = connect(settings=settings)

    receipt = connector.create(person(password=own))

    assert target.passwords.get(receipt.remote_id) == sent
    assert receipt.password_set is (sent is not None)
    assert "password" not in receipt.accepted


@pytest.mark.parametrize(("enabled", "sent"), [(True, "own-2"), (False, None)])
def test_a_changed_password_is_sent_if_passwords_are_provisioned(
    connect: Connect, enabled: bool, sent: str | None
) -> None:
    settings = {"enable_password_provisioning": enabled, "default_password": ""}
    target, connector = connect(settings=settings)
    entity = person()
    entity = accepted(entity, connector.create(entity))

    receipt = connector.update(replace(entity, password="own-2"))

    assert target.passwords.get(entity.remote_id) == sent
    assert receipt.password_set is (sent is not None)
    assert len(target.log) == (2 if sent else 1)


def test_a_default_password_never_replaces_one(connect: Connect) -> None:
    target, connector = connect(settings={"default_password": "default-1"})
    entity = person()
    entity = accepted(entity, connector.create(entity))

    connector.update(replace(entity, active=False))

    assert "password" not in target.log[1].body.decode()


def test_a_group_gets_no_password(connect: Connect) -> None:
    target, connector = connect(settings={"default_password": "default-1"})

    connector.create(group())

    assert "password" not in target.log[0].json


# -- names, types, settings ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "name", "expected"),
    [
        ("", "kim", "kim"),
        ("", "STAFF/kim", "STAFF/kim"),
        ("EXT", "kim", "EXT/kim"),
        ("EXT", "STAFF/kim", "EXT/kim"),
        ("EXT/", "STAFF/a/b", "EXT/a/b"),
    ],
)
@pytest.mark.parametrize("entity_type", EntityType)
def test_the_user_store_domain_replaces_the_prefix(
    connect: Connect, entity_type: EntityType, domain: str, name: str, expected: str
) -> None:
    _, connector = connect(settings={"user_store_domain": domain})

    assert connector.remote_name(entity_type, LocalName(name)) == expected


def test_groups_are_taken_only_with_a_group_endpoint(connect: Connect) -> None:
    _, connector = connect(settings={"group_endpoint": ""})

    assert connector.handles(EntityType.USER)
    assert not connector.handles(EntityType.GROUP)
    with pytest.raises(ConnectorIsWrong, match="group endpoint"):
        connector.create(group())


@pytest.mark.parametrize(
    ("authentication", "field", "label"),
    [
        ("basic", "username", "Username"),
        ("basic", "password", "Password"),
        ("bearer", "access_token", "Access token"),
        ("api_key", "api_key", "API key"),
        ("api_key", "api_key_header", "API key header"),
        ("oauth2", "token_endpoint", "Token endpoint"),
        ("oauth2", "client_id", "Client ID"),
        ("oauth2", "client_secret", "Client secret"),
    ],
)
def test_missing_credentials_are_named_by_label(
    connect: Connect, authentication: str, field: str, label: str
) -> None:
    with pytest.raises(ConnectorIsWrong, match=label):
        connect(authentication=authentication, settings={field: ""})


@pytest.mark.parametrize(
    ("field", "value"),
    [("authentication", "kerberos"), ("update_method", "post"), ("api_key_header", "a b")],
)
def test_settings_that_mean_nothing_are_refused(
    connect: Connect, field: str, value: str
) -> None:
    with pytest.raises(ConnectorIsWrong):
        connect(authentication="api_key", settings={field: value})


def test_the_target_says_what_is_wrong_with_an_entity(
    target: Scim2Target, connector: Scim2Connector
) -> None:
    document = {"detail": "title is too long", "scimType": "invalidValue"}
    target.fail_next(400, document=document)

    with pytest.raises(JobIsWrong, match=r"invalidValue: title is too long") as raised:
        connector.create(person())

    assert raised.value.code == "invalidValue"
    assert raised.value.status == 400


def test_an_id_with_a_slash_reaches_its_own_object_only(
    target: Scim2Target, connector: Scim2Connector
) -> None:
    target.add_user("kim")

    with pytest.raises(RemoteMissing):
        connector.delete(person(remote_id="../Users/u1001"))

    assert "%2F" in target.log[0].target
    assert target.users


@pytest.mark.parametrize("remote_id", ["", ".", ".."])
def test_an_id_that_is_none_deletes_nothing(connector: Scim2Connector, remote_id: str) -> None:
    with pytest.raises(ConnectorIsWrong):
        connector.delete(person(remote_id=remote_id))


# -- testing the connection ---------------------------------------------------------------


def test_the_connection_test_reads_only(target: Scim2Target, connector: Scim2Connector) -> None:
    findings = connector.check()

    assert all(finding.ok for finding in findings)
    assert {request.method for request in target.log} == {"GET"}
    assert "The target supports PATCH" in [finding.what for finding in findings]


def test_the_connection_test_names_refused_credentials(connect: Connect) -> None:
    _, connector = connect(settings={"password": "wrong"})

    (wrong,) = [finding for finding in connector.check() if not finding.ok]

    assert "401" in wrong.what
    assert "who are you?" in wrong.what


def test_the_connection_test_names_an_address_that_is_no_scim_server(connect: Connect) -> None:
    target, connector = connect()
    target.garbage_next()

    assert any("does not answer as a SCIM server" in f.what for f in connector.check())


def test_the_connection_test_learns_that_there_is_no_patch(connect: Connect) -> None:
    target, connector = connect(patch=False)

    words = [finding.what for finding in connector.check()]
    entity = person()
    entity = accepted(entity, connector.create(entity))
    connector.update(replace(entity, active=False))

    assert "The target has no PATCH: changes are sent by PUT" in words
    assert target.requests("PATCH") == []


def test_plain_http_is_a_finding_where_private_targets_are_not_allowed(
    target: Scim2Target,
) -> None:
    with Http() as http:
        findings = Scim2Connector(target.settings, http).check()

    assert not findings[0].ok
    assert "plain http" in findings[0].what
