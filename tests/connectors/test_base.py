from __future__ import annotations

import pytest

from connectors import (
    ConfigField,
    Connector,
    ConnectorIsWrong,
    Entity,
    EntityType,
    Finding,
    Found,
    LocalName,
    MemberChanges,
    Receipt,
)
from connectors.http import Http


class Plain(Connector):
    key = "plain"
    label = "Plain"
    fields = (
        ConfigField("endpoint", "Endpoint", required=True),
        ConfigField("key", "Key", secret=True),
        ConfigField("colour", "Colour", default="red"),
    )

    def create(self, entity: Entity) -> Receipt:
        return Receipt("1", entity.remote_name, {})

    update = create

    def delete(self, entity: Entity) -> None:
        """Nothing is kept."""

    def find(self, entity: Entity) -> list[Found]:
        return []

    def fetch(self, entity_type: EntityType, remote_id: str) -> Found | None:
        return None

    def check(self) -> list[Finding]:
        return []


def test_settings_are_those_declared_with_their_defaults() -> None:
    connector = Plain({"endpoint": "e", "unknown": "u"}, Http())

    assert connector.settings == {"endpoint": "e", "key": "", "colour": "red"}


def test_what_is_required_is_named_by_label() -> None:
    with pytest.raises(ConnectorIsWrong, match="Plain: fill in Endpoint"):
        Plain({}, Http())


def test_secret_settings_are_hidden_from_the_start() -> None:
    http = Http()
    Plain({"endpoint": "e", "key": "key-4711"}, http)

    assert http.redact("the key-4711") == "the ***"


def test_a_connector_takes_users_under_their_own_names_unless_it_says_otherwise() -> None:
    connector = Plain({"endpoint": "e"}, Http())

    assert connector.remote_name(EntityType.USER, LocalName("STAFF/kim")) == "STAFF/kim"
    assert connector.handles(EntityType.USER)
    assert not connector.handles(EntityType.GROUP)
    with pytest.raises(ConnectorIsWrong, match="Plain has no groups"):
        connector.change_members(Entity(EntityType.GROUP, "1", "g"), MemberChanges())


def test_an_entity_shows_no_password() -> None:
    assert "hush" not in repr(Entity(EntityType.USER, "1", "kim", password="hush"))
