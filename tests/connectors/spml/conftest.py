from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors import Entity, EntityType
from connectors.http import Http
from connectors.spml.capabilities import Capabilities
from connectors.spml.connector import SpmlConnector
from tests.fakes.spml import SpmlTarget

Connect = Callable[..., tuple[SpmlTarget, SpmlConnector]]
NAMED: dict[str, Any] = {
    "givenName": "Kim",
    "sn": "Lee",
    "mail": ["k@x.example", "k@y.example"],
}


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port may come back for another provider."""
    monkeypatch.setattr(Capabilities, "_missing", {})


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(allow_private=True, timeout=10) as http:
        yield http


@pytest.fixture
def connect(http: Http) -> Iterator[Connect]:
    """A provider like this, and a connector with these settings for it. What the connector
    sends must agree with the specifications."""
    targets: list[SpmlTarget] = []

    def make(*, settings: dict[str, Any] | None = None, **quirks: Any) -> Any:
        targets.append(SpmlTarget(**quirks))
        wanted = {**targets[-1].settings, **(settings or {})}
        return targets[-1], SpmlConnector(wanted, http)

    yield make
    for target in targets:
        target.stop()
    assert [wrong for target in targets for wrong in target.violations] == []


@pytest.fixture
def target(pair: tuple[SpmlTarget, SpmlConnector]) -> SpmlTarget:
    return pair[0]


@pytest.fixture
def connector(pair: tuple[SpmlTarget, SpmlConnector]) -> SpmlConnector:
    return pair[1]


@pytest.fixture
def pair(connect: Connect) -> tuple[SpmlTarget, SpmlConnector]:
    return connect()


def person(name: str = "kim", **more: Any) -> Entity:
    values: dict[str, Any] = {
        "type": EntityType.USER,
        "local_id": f"local-{name}",
        "remote_name": name,
        "attributes": NAMED,
    }
    return Entity(**{**values, **more})


def group(name: str = "sales", **more: Any) -> Entity:
    return person(name, **{"type": EntityType.GROUP, "attributes": {}, **more})


def operations(target: SpmlTarget) -> list[str]:
    """What was asked, in order."""
    return [request.path.partition("#SPML")[2] for request in target.log]
