"""The SCIM 2.0 connector keeps the contract of connectors, with good servers and odd ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.scim.v2 import Scim2Connector
from connectors.testing import ConnectorContract
from tests.fakes.scim2 import Scim2Target


class TestScim2(ConnectorContract):
    connector_class = Scim2Connector

    @pytest.fixture(params=["basic", "oauth2"])
    def remote(self, request: pytest.FixtureRequest) -> Iterator[Scim2Target]:
        with Scim2Target(authentication=request.param) as target:
            yield target


class TestScim2WithoutPatch(ConnectorContract):
    """Groups are left out: whole groups go by `NeedsAllMembers`, tested on its own."""

    connector_class = Scim2Connector

    @pytest.fixture
    def remote(self) -> Iterator[Scim2Target]:
        with Scim2Target(patch=False, groups=False) as target:
            yield target


class TestScim2WithQuirks(ConnectorContract):
    connector_class = Scim2Connector

    @pytest.fixture
    def remote(self) -> Iterator[Scim2Target]:
        with Scim2Target(
            patch_status=204,
            integer_ids=True,
            created_status=200,
            created_body="empty",
            location="relative",
            omits_empty_resources=True,
            duplicate_status=400,
        ) as target:
            yield target


class TestScim2WithoutFilters(ConnectorContract):
    connector_class = Scim2Connector

    @pytest.fixture
    def remote(self) -> Iterator[Scim2Target]:
        with Scim2Target(
            filters="ignored", created_body="empty", location="none", groups=False
        ) as target:
            yield target
