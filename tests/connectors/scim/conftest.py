from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.http import Http
from connectors.scim.v1 import Scim1Connector
from connectors.scim.v2 import Scim2Connector
from tests.fakes.scim1 import Scim1Target
from tests.fakes.scim2 import Scim2Target


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(allow_private=True, timeout=10) as http:
        yield http


@pytest.fixture
def target() -> Iterator[Scim2Target]:
    with Scim2Target() as target:
        yield target


@pytest.fixture
def connector(target: Scim2Target, http: Http) -> Scim2Connector:
    return Scim2Connector(target.settings, http)


Connect = Callable[..., tuple[Scim2Target, Scim2Connector]]


@pytest.fixture
def connect(http: Http) -> Iterator[Connect]:
    """A target with these quirks, and a connector with these settings for it."""
    targets: list[Scim2Target] = []

    def make(*, settings: dict[str, Any] | None = None, **quirks: Any) -> Any:
        targets.append(Scim2Target(**quirks))
        wanted = {**targets[-1].settings, **(settings or {})}
        return targets[-1], Scim2Connector(wanted, http)

    yield make
    for target in targets:
        target.stop()


Connect1 = Callable[..., tuple[Scim1Target, Scim1Connector]]


@pytest.fixture
def connect1(http: Http) -> Iterator[Connect1]:
    """A SCIM 1.1 target with these quirks, and a connector with these settings for it.

    What the connector sends must agree with the specification.
    """
    targets: list[Scim1Target] = []

    def make(*, settings: dict[str, Any] | None = None, **quirks: Any) -> Any:
        targets.append(Scim1Target(**quirks))
        wanted = {**targets[-1].settings, **(settings or {})}
        return targets[-1], Scim1Connector(wanted, http)

    yield make
    for target in targets:
        target.stop()
    assert [wrong for target in targets for wrong in target.violations] == []
