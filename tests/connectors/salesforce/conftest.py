from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors import Entity, EntityType
from connectors.http import Http
from connectors.salesforce.connector import SalesforceConnector
from tests.fakes.salesforce import SalesforceOrg

Connect = Callable[..., SalesforceConnector]

COMPLETE = {
    "Alias": "kim",
    "Email": "kim@home.example",
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "en_US",
    "LastName": "Lee",
    "LocaleSidKey": "en_US",
    "ProfileId": "00e000000000001AAA",
    "TimeZoneSidKey": "Europe/Oslo",
}


@pytest.fixture
def org() -> Iterator[SalesforceOrg]:
    with SalesforceOrg() as running:
        yield running


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(allow_private=True, timeout=10) as http:
        yield http


@pytest.fixture
def connect(org: SalesforceOrg, http: Http) -> Connect:
    """A connector with some settings of its own."""
    return lambda **settings: SalesforceConnector({**org.settings, **settings}, http)


@pytest.fixture
def connector(connect: Connect) -> SalesforceConnector:
    return connect()


def person(name: str, **more: Any) -> Entity:
    """A user as the engine hands it over, with all that Salesforce insists on."""
    values: dict[str, Any] = {
        "type": EntityType.USER,
        "local_id": f"local-{name}",
        "remote_name": f"{name}@acme.example",
        "attributes": COMPLETE | more.pop("attributes", {}),
    }
    return Entity(**{**values, **more})


def group(name: str) -> Entity:
    return Entity(EntityType.GROUP, f"local-{name}", name)
