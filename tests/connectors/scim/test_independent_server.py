"""Against `scim2-server`, which others wrote: exactly what we meant arrives."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from scim2_server.applications.wsgi import WSGIApplication
from scim2_server.memory import InMemoryStorage
from scim2_server.service import ScimService
from scim2_server.utils import load_default_provider

from connectors import Entity, EntityType, Member, MemberChanges, RemoteExists, RemoteMissing
from connectors.http import Http
from connectors.scim.v2 import Scim2Connector
from connectors.testing import accepted

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PERSON = {
    "name": {"givenName": "Kim", "familyName": "Jansen", "middleName": "O."},
    "displayName": 'Kim "KJ" Jansen',
    "title": "Dr",
    "emails": [
        {"value": "kim@example.org", "type": "work", "primary": True},
        {"value": "kim@home.example", "type": "home"},
    ],
    "phoneNumbers": [{"value": "+49 30 1234", "type": "work"}],
    ENTERPRISE: {"department": "Sales", "employeeNumber": "4711", "costCenter": "C1"},
}


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def provider() -> Any:
    return load_default_provider()


@pytest.fixture
def base(provider: Any) -> Iterator[str]:
    app = WSGIApplication(InMemoryStorage(), provider, ScimService(provider))
    with make_server("127.0.0.1", 0, app, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(allow_private=True) as http:
        yield http


@pytest.fixture(params=["auto", "put"])
def connector(request: pytest.FixtureRequest, base: str, http: Http) -> Scim2Connector:
    settings = {
        "authentication": "none",
        "user_endpoint": f"{base}/Users/",
        "group_endpoint": f"{base}/Groups",
        "update_method": request.param,
        "enable_password_provisioning": True,
    }
    return Scim2Connector(settings, http)


def person(name: str = "kim", attributes: Mapping[str, Any] | None = None) -> Entity:
    return Entity(
        EntityType.USER,
        f"local-{name}",
        name,
        external_id=f"x-{name}",
        attributes=attributes or {},
    )


def there(connector: Scim2Connector, entity: Entity) -> dict[str, Any]:
    found = connector.fetch(entity.type, entity.remote_id)
    assert found is not None
    return dict(found.attributes)


def test_a_user_arrives_with_every_attribute(connector: Scim2Connector) -> None:
    entity = person(attributes=PERSON)

    entity = accepted(entity, connector.create(entity))

    assert there(connector, entity) == {
        **PERSON,
        "userName": "kim",
        "externalId": "x-kim",
        "active": True,
    }


def test_a_user_is_changed_to_exactly_what_is_wanted(connector: Scim2Connector) -> None:
    entity = person(attributes=PERSON)
    entity = accepted(entity, connector.create(entity))
    wanted = {
        "name": {"givenName": "Kim", "familyName": "de Vries"},
        "displayName": "Kim de Vries",
        "nickName": "KdV",
        "emails": [{"value": "devries@example.org", "type": "work", "primary": True}],
        ENTERPRISE: {"department": "Legal", "employeeNumber": "4711"},
    }

    changed = replace(entity, attributes=wanted, remote_name="kim.de.vries", active=False)
    receipt = connector.update(changed)

    state = {**wanted, "userName": "kim.de.vries", "externalId": "x-kim", "active": False}
    assert there(connector, entity) == state
    assert receipt.accepted == state
    assert connector.find(person("kim.de.vries"))[0].remote_id == entity.remote_id


def test_nothing_is_sent_when_nothing_is_known_and_nothing_differs(
    connector: Scim2Connector, http: Http
) -> None:
    entity = person(attributes=PERSON)
    entity = accepted(entity, connector.create(entity))
    http.reset()

    connector.update(replace(entity, accepted=None, accepted_name=""))

    assert [exchange.method for exchange in http.exchanges] == ["GET"]


def test_attributes_that_others_keep_there_survive(connector: Scim2Connector) -> None:
    entity = person(attributes=PERSON)
    entity = accepted(entity, connector.create(entity))
    other = replace(entity, attributes={**PERSON, "preferredLanguage": "nl", "locale": "nl-NL"})
    connector.update(other)

    connector.update(replace(entity, attributes={**PERSON, "title": "Prof"}))

    state = there(connector, entity)
    assert state["title"] == "Prof"
    assert state["preferredLanguage"] == "nl"


def test_a_group_keeps_its_members_when_renamed(connector: Scim2Connector, base: str) -> None:
    group = Entity(EntityType.GROUP, "g", "Sales")
    group = accepted(group, connector.create(group))
    users = [person(f"user{number}") for number in range(5)]
    members = [Member(connector.create(user).remote_id, user.remote_name) for user in users]

    list(connector.change_members(group, MemberChanges(add=members, everyone=members)))
    left = members[:3]
    changes = MemberChanges(remove=[*members[3:], Member("gone", "gone")], everyone=left)
    list(connector.change_members(group, changes))
    connector.update(replace(group, remote_name="Sales & Co"))

    resource = connector._of(EntityType.GROUP).read(group.remote_id, members=True)
    assert resource is not None
    assert resource["displayName"] == "Sales & Co"
    assert [m["value"] for m in resource["members"]] == [m.remote_id for m in left]


def test_names_are_taken_once_and_deletes_are_final(connector: Scim2Connector) -> None:
    entity = person()
    entity = accepted(entity, connector.create(entity))

    with pytest.raises(RemoteExists):
        connector.create(person("KIM"))
    connector.delete(entity)
    with pytest.raises(RemoteMissing):
        connector.delete(entity)
    with pytest.raises(RemoteMissing):
        connector.update(replace(entity, active=False))


def test_the_connection_test_is_content(connector: Scim2Connector) -> None:
    findings = connector.check()

    assert all(finding.ok for finding in findings)
    assert "The target supports PATCH" in [finding.what for finding in findings]
