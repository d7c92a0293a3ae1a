"""A connector whose declaration cannot be."""

from __future__ import annotations

from connectors import ConfigField, When
from connectors.scim.v2 import Scim2Connector


class OddConnector(Scim2Connector):
    key = "odd"
    label = "Odd"
    fields = (ConfigField("key", "Key", shown_when=When("box", (True,))),)
