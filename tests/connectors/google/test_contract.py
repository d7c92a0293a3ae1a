"""The Google connector keeps the contract of connectors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.google.connector import GoogleConnector
from connectors.testing import ConnectorContract
from tests.fakes.google import GoogleDirectory


class TestGoogle(ConnectorContract):
    connector_class = GoogleConnector
    awkward_names = ("o'neil", "a+b", "a.b-c", "x_y", "kim%20lee")

    @pytest.fixture
    def remote(self) -> Iterator[GoogleDirectory]:
        with GoogleDirectory() as google:
            yield google

    def named(self, name: str) -> str:
        return f"{name}@{GoogleDirectory.domain}"
