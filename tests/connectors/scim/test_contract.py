"""The SCIM connectors keep the contract of connectors, with good servers and odd ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.scim.v1 import Scim1Connector
from connectors.scim.v2 import Scim2Connector
from connectors.testing import ConnectorContract
from tests.fakes.scim1 import Scim1Target
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


class TestScim1(ConnectorContract):
    connector_class = Scim1Connector

    @pytest.fixture
    def remote(self) -> Iterator[Scim1Target]:
        with Scim1Target() as target:
            yield target
            assert target.violations == []


class TestScim1WithoutPatch(ConnectorContract):
    """Groups are left out: whole groups go by `NeedsAllMembers`, tested on its own."""

    connector_class = Scim1Connector

    @pytest.fixture
    def remote(self) -> Iterator[Scim1Target]:
        with Scim1Target(patch=False, groups=False, error_shape="error") as target:
            yield target
            assert target.violations == []


class TestScim1WithQuirks(ConnectorContract):
    connector_class = Scim1Connector

    @pytest.fixture
    def remote(self) -> Iterator[Scim1Target]:
        with Scim1Target(
            patch_status=204,
            deleted_status=204,
            created_body="empty",
            error_shape="object",
            duplicate_status=400,
            strangers="refused",
            needs_names=True,
            filters="ignored",
            listed_config=True,
        ) as target:
            yield target
            assert target.violations == []
