from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from idp import revisions
from idp.connector_settings import clean, save_settings
from idp.models import IdentityProvider, OutboundConnector, Tenant

FULL = {
    "endpoint": "https://target.example/v2",
    "username": "admin",
    "password": "s3cret",
    "passwords": True,
    "method": "patch",
    "private_key": "",
}


def refusal(type_: str, submitted: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as raised:
        clean(type_, submitted)
    messages: dict[str, list[str]] = raised.value.message_dict
    return messages


@pytest.fixture
def connector(tenant: Tenant, example: str) -> OutboundConnector:
    provider = IdentityProvider.objects.create(tenant=tenant, name="partner")
    connector = OutboundConnector(provider=provider, type=example)
    save_settings(connector, FULL)
    return connector


def test_new_settings_get_the_declared_defaults(example: str) -> None:
    cleaned = clean(example, {"endpoint": "https://target.example/v2"})

    assert cleaned.changed
    assert not cleaned.changed_identity
    assert cleaned.values == {
        "endpoint": "https://target.example/v2",
        "username": "",
        "password": "",
        "passwords": False,
        "method": "put",
        "private_key": "",
    }


def test_an_unknown_setting_is_refused_by_name(example: str) -> None:
    messages = refusal(example, {"endpoint": "https://target.example", "colour": "red"})

    assert list(messages) == ["colour"]
    assert "colour" in messages["colour"][0]


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("object_class", "inetOrgPerson person"),
        ("name_attribute", "http://wso2.org/claims/username"),
        ("group_object_class", "top,"),
    ],
)
def test_a_text_that_is_not_of_the_declared_form_is_refused(name: str, odd: str) -> None:
    needed = {"endpoint": "https://target.example/spml", "object_class": "top, user"}
    assert clean("spml", needed).values["object_class"] == "top, user"

    messages = refusal("spml", {**needed, name: odd})

    assert list(messages) == [name]
    assert odd in messages[name][0]


def test_an_unknown_connector_type_is_refused() -> None:
    assert "nonesuch" in refusal("nonesuch", {})["type"][0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("endpoint", ""),
        ("endpoint", None),
        ("endpoint", "target.example/v2"),
        ("endpoint", "ftp://target.example"),
        ("endpoint", "https://[::1"),
        ("endpoint", "https://target.example:port/"),
        ("endpoint", "https://target.example/a b"),
        ("endpoint", "https://admin:pw@target.example/"),
        ("username", ["admin"]),
        ("username", True),
        ("passwords", "perhaps"),
        ("method", "post"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(
    example: str, name: str, value: object
) -> None:
    assert list(refusal(example, {**FULL, name: value})) == [name]


def test_a_profile_that_there_is_not_is_refused_and_the_others_named() -> None:
    endpoint = {"user_endpoint": "https://target.example/Users"}

    assert clean("scim2", {**endpoint, "profile": "aws"}).values["profile"] == "aws"
    assert clean("scim2", endpoint).values["profile"] == ""
    [said] = refusal("scim2", {**endpoint, "profile": "awss"})["profile"]
    assert "atlassian, aws, databricks" in said


def test_a_setting_not_given_keeps_its_value(example: str) -> None:
    cleaned = clean(example, {"username": "root"}, FULL)

    assert cleaned.values == {**FULL, "username": "root"}


def test_words_of_a_file_are_read_as_booleans(example: str) -> None:
    assert clean(example, {"passwords": "true"}, FULL).values["passwords"] is True
    assert clean(example, {"passwords": "off"}, FULL).values["passwords"] is False


def test_an_empty_secret_keeps_the_stored_one(example: str) -> None:
    cleaned = clean(example, {"password": ""}, FULL)

    assert cleaned.values["password"] == "s3cret"
    assert not cleaned.changed


def test_none_clears_a_secret(example: str) -> None:
    cleaned = clean(example, {"password": None}, FULL)

    assert cleaned.values["password"] == ""
    assert cleaned.changed


def test_blanks_are_cut_off_texts_but_not_off_secrets(example: str) -> None:
    cleaned = clean(example, {"username": " root ", "password": " pw "}, FULL)

    assert (cleaned.values["username"], cleaned.values["password"]) == ("root", " pw ")


def test_a_name_the_connector_no_longer_declares_is_dropped(example: str) -> None:
    cleaned = clean(example, {}, {**FULL, "colour": "red"})

    assert cleaned.values == FULL
    assert cleaned.changed


def test_saving_the_same_settings_moves_nothing(connector: OutboundConnector) -> None:
    save_settings(connector, FULL)

    connector.refresh_from_db()
    assert (connector.revision, connector.generation) == (1, 1)


def test_saving_another_setting_moves_the_revision_only(connector: OutboundConnector) -> None:
    save_settings(connector, {"username": "root"})

    connector.refresh_from_db()
    assert (connector.revision, connector.generation) == (2, 1)
    assert connector.settings == {**FULL, "username": "root"}


def test_saving_another_system_moves_the_generation_too(connector: OutboundConnector) -> None:
    save_settings(connector, {"endpoint": "https://elsewhere.example/v2"})

    connector.refresh_from_db()
    assert (connector.revision, connector.generation) == (2, 2)


def test_saving_another_policy_moves_the_revision(connector: OutboundConnector) -> None:
    connector.delete_action = "disable"
    save_settings(connector, {})

    connector.refresh_from_db()
    assert (connector.delete_action, connector.revision) == ("disable", 2)


def test_refused_settings_store_nothing(connector: OutboundConnector) -> None:
    connector.delete_action = "disable"
    with pytest.raises(ValidationError):
        save_settings(connector, {"endpoint": "nowhere"})

    connector.refresh_from_db()
    assert (connector.delete_action, connector.settings) == ("delete", FULL)


def test_a_stale_instance_does_not_bring_old_settings_back(
    connector: OutboundConnector,
) -> None:
    stale = OutboundConnector.objects.get(pk=connector.pk)
    save_settings(connector, {"username": "root"})

    stale.mode = "paused"
    save_settings(stale, {})

    stale.refresh_from_db()
    assert (stale.mode, stale.settings["username"], stale.revision) == ("paused", "root", 2)


def test_touching_an_identity_provider_moves_its_connectors(
    connector: OutboundConnector,
) -> None:
    revisions.touch(connector.provider)

    connector.refresh_from_db()
    assert (connector.revision, connector.generation) == (2, 1)
