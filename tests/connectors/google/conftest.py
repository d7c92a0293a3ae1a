from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors import Entity, EntityType
from connectors.google.connector import GoogleConnector
from connectors.http import Http
from tests.fakes.google import GoogleDirectory

Connect = Callable[..., GoogleConnector]


@pytest.fixture
def google() -> Iterator[GoogleDirectory]:
    with GoogleDirectory() as running:
        yield running


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(allow_private=True, timeout=10) as http:
        yield http


@pytest.fixture
def connect(google: GoogleDirectory, http: Http) -> Connect:
    """A connector with some settings of its own."""
    return lambda **settings: GoogleConnector({**google.settings, **settings}, http)


@pytest.fixture
def connector(connect: Connect) -> GoogleConnector:
    return connect()


def person(name: str, **more: Any) -> Entity:
    """A user as the engine hands it over, attributes by remote name."""
    attributes = {
        "http://wso2.org/claims/givenname": "Kim",
        "http://wso2.org/claims/lastname": "Lee",
    }
    values: dict[str, Any] = {
        "type": EntityType.USER,
        "local_id": f"local-{name}",
        "remote_name": f"{name}@acme.example",
        "attributes": attributes | more.pop("attributes", {}),
    }
    return Entity(**{**values, **more})
