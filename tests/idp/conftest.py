from __future__ import annotations

import pytest

from connectors import registry


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key of a connector type with a field of every kind."""
    monkeypatch.setitem(registry.BUILT_IN, "example", "tests.idp.example:ExampleConnector")
    return "example"


@pytest.fixture
def every(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key of a connector type whose settings ask for more than a text."""
    monkeypatch.setitem(registry.BUILT_IN, "every", "tests.idp.every_kind:EveryKindConnector")
    return "every"
