"""What becomes of each target's answers: proved by rows, and told by the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors import Connector, Entity, registry
from connectors.answers import Means, table
from connectors.google.connector import GoogleConnector
from connectors.salesforce.connector import SalesforceConnector
from connectors.scim.v1 import Scim1Connector
from connectors.scim.v2 import Scim2Connector
from connectors.spml.connector import SpmlConnector
from connectors.testing import AnswerContract
from tests.connectors.salesforce.conftest import COMPLETE
from tests.fakes.google import GoogleDirectory
from tests.fakes.salesforce import SalesforceOrg
from tests.fakes.scim1 import Scim1Target
from tests.fakes.scim2 import Scim2Target
from tests.fakes.spml import SpmlTarget

TOLD = [key for key in registry.BUILT_IN if registry.load(key).known_answers]
PAGES = Path(__file__).parents[2] / "docs" / "connectors"


class TestGoogle(AnswerContract):
    connector_class = GoogleConnector

    @pytest.fixture
    def remote(self) -> Iterator[GoogleDirectory]:
        with GoogleDirectory() as google:
            yield google

    def named(self, name: str) -> str:
        return f"{name}@{GoogleDirectory.domain}"


class TestSalesforce(AnswerContract):
    connector_class = SalesforceConnector

    @pytest.fixture
    def remote(self) -> Iterator[SalesforceOrg]:
        with SalesforceOrg() as org:
            yield org

    def named(self, name: str) -> str:
        return f"{name}@acme.example"

    def entity(self, name: str, **more: Any) -> Entity:
        return super().entity(name, **{"attributes": COMPLETE, **more})

    def vanish(self, connector: Connector, remote: Any, entity: Entity) -> None:
        """Salesforce deletes nobody; somebody unknown there is somebody of another org."""
        del remote.users[entity.remote_id]


class TestScim1(AnswerContract):
    connector_class = Scim1Connector

    @pytest.fixture
    def remote(self) -> Iterator[Scim1Target]:
        with Scim1Target() as target:
            yield target


class TestScim2(AnswerContract):
    connector_class = Scim2Connector

    @pytest.fixture
    def remote(self) -> Iterator[Scim2Target]:
        with Scim2Target() as target:
            yield target


class TestSpml(AnswerContract):
    connector_class = SpmlConnector

    @pytest.fixture
    def remote(self) -> Iterator[SpmlTarget]:
        with SpmlTarget() as target:
            yield target


@pytest.mark.parametrize("key", TOLD)
def test_the_page_of_a_connector_has_its_answers(key: str) -> None:
    """Should they differ: `python -m connectors.answers KEY` prints what belongs there."""
    expected = table(registry.load(key).known_answers)

    assert expected in (PAGES / f"{key}.md").read_text(), expected


@pytest.mark.parametrize("key", TOLD)
def test_every_connector_tells_of_every_class_it_can_meet(key: str) -> None:
    assert {"google", "salesforce", "scim", "scim2", "spml"} <= set(TOLD)
    told = {answer.means for answer in registry.load(key).known_answers}

    # An address at Google is one user's, or nobody's.
    assert set(Means) - told <= {Means.AMBIGUOUS}
    assert Means.AMBIGUOUS in told or key == "google"
