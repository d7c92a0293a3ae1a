"""The table of settings on the page of the connector is the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.scim.connector import ScimConnector
from connectors.scim.v1 import Scim1Connector
from connectors.scim.v2 import Scim2Connector

PAGES = Path(__file__).parents[3] / "docs" / "connectors"


@pytest.mark.parametrize("connector", [Scim1Connector, Scim2Connector])
def test_the_page_lists_the_settings(connector: type[ScimConnector]) -> None:
    page = (PAGES / f"{connector.key}.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]*)\| ([^|]*)\|", page, re.MULTILINE)

    listed = [(name, label.strip(), secret.strip() == "yes") for name, label, secret, _ in rows]

    fields = connector.fields
    assert listed == [(field.name, field.label, field.secret) for field in fields]
    defaults = {name: default.strip().strip("`") for name, _, _, default in rows}
    assert defaults == {
        field.name: {False: "no", True: "yes"}.get(field.default, field.default)
        for field in fields
    }
