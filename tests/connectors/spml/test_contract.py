"""The SPML connector keeps the contract of connectors, with good providers and odd ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.spml.connector import SpmlConnector
from connectors.testing import ConnectorContract
from tests.fakes.spml import SpmlTarget

PROVIDERS: dict[str, dict[str, Any]] = {
    "basic": {},
    "wsse": {"authentication": "wsse"},
    "wsse-with-nonce": {"authentication": "wsse", "nonce": True, "groups": False},
    "with-targets": {"targets": ("hr", "staff")},
    "without-ids-in-answers": {"gives_ids": False, "shows_classes": False},
    "with-names-for-ids": {"ids_are_names": True},
    "found-by-ids-only": {"finds_data": False},
    "without-filters": {"filters": "ignored", "page": 3, "groups": False},
}


class TestSpml(ConnectorContract):
    """The provider checks every request by the specifications."""

    connector_class = SpmlConnector

    @pytest.fixture(params=PROVIDERS.values(), ids=PROVIDERS.keys())
    def remote(self, request: pytest.FixtureRequest) -> Iterator[SpmlTarget]:
        with SpmlTarget(**request.param) as target:
            yield target
            assert target.violations == []
