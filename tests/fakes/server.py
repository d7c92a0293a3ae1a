"""The server of the connector kit, under the name by which the fakes know it."""

from __future__ import annotations

from connectors.testing.misbehaviour import Misbehaviour, Reply, Request
from connectors.testing.server import FakeServer

__all__ = ["FakeServer", "Misbehaviour", "Reply", "Request"]
