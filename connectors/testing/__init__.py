"""The tests every connector must pass, ours or a customer's. Needs pytest.

class TestAcme(ConnectorContract):
    connector_class = AcmeConnector

    @pytest.fixture
    def remote(self):
        with AcmeServer() as server:     # a `FakeServer` that satisfies `Remote`
            yield server
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "connectors.testing.answers",
    "connectors.testing.failures",
    "connectors.testing.lifecycle",
    "connectors.testing.lookups",
)

from connectors.testing.answers import (  # noqa: E402 after asserts are made to explain
    AnswerContract,
)
from connectors.testing.failures import Failures  # noqa: E402
from connectors.testing.lifecycle import Lifecycle  # noqa: E402
from connectors.testing.lookups import Lookups  # noqa: E402
from connectors.testing.misbehaviour import Misbehaviour, Reply, Request  # noqa: E402
from connectors.testing.remote import MARKER, Remote, accepted  # noqa: E402
from connectors.testing.server import FakeServer  # noqa: E402

__all__ = [
    "MARKER",
    "AnswerContract",
    "ConnectorContract",
    "FakeServer",
    "Misbehaviour",
    "Remote",
    "Reply",
    "Request",
    "accepted",
]


class ConnectorContract(Lifecycle, Lookups, Failures):
    """Set `connector_class` and define the fixture `remote`; override what differs."""
