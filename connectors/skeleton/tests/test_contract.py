"""What every connector must do, against a Sample on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from purveyor_sample import SampleConnector
from sample_server import SampleServer

from connectors.testing import ConnectorContract


class TestSample(ConnectorContract):
    connector_class = SampleConnector

    @pytest.fixture
    def remote(self) -> Iterator[SampleServer]:
        with SampleServer() as server:
            yield server
