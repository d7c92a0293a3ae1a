"""The Salesforce connector keeps the contract of connectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import Connector, Entity, EntityType
from connectors.salesforce.connector import SalesforceConnector
from connectors.testing import ConnectorContract
from tests.connectors.salesforce.conftest import COMPLETE
from tests.fakes.salesforce import SalesforceOrg


class TestSalesforce(ConnectorContract):
    connector_class = SalesforceConnector
    awkward_names = ("o'neil", "back\\slash", "kim'or'Username'!='", "a+b&c=d%20#e", "jürgen")

    @pytest.fixture
    def remote(self) -> Iterator[SalesforceOrg]:
        with SalesforceOrg() as org:
            yield org

    def named(self, name: str) -> str:
        return f"{name}@acme.example"

    def entity(self, name: str, **more: Any) -> Entity:
        is_user = more.get("type", EntityType.USER) is EntityType.USER
        external_id = more.get("external_id", f"local-{name}")
        attributes = {**COMPLETE, "FederationIdentifier": external_id} if is_user else {}
        return super().entity(name, **{"attributes": attributes, **more})

    def vanish(self, connector: Connector, remote: Any, entity: Entity) -> None:
        """Salesforce deletes nobody; somebody unknown there is somebody of another org."""
        del remote.users[entity.remote_id]
