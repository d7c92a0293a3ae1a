"""A client of the SCIM 2.0 door, and a SCIM target that gets whatever it says."""

from __future__ import annotations

from tests.flows.conftest import connector, deliver, row, target
from tests.provisioning.inbound.scim2.conftest import scim

__all__ = ["connector", "deliver", "row", "scim", "target"]
