"""Under each profile the connector keeps its contract with a fake of the product.

Whatever the product's documentation does not allow, the fake refuses and remembers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from connectors import Ambiguous, Connector, Entity, EntityType, RemoteMissing, RetryLater
from connectors.scim.profiles import choices
from connectors.scim.v2 import Scim2Connector
from connectors.testing import ConnectorContract, Remote, accepted
from tests.fakes import scim2_products as products
from tests.fakes.scim2_aws import AwsLike
from tests.fakes.scim2_product import Product

PERSON: dict[str, Any] = {
    "name": {"givenName": "Kim", "familyName": "Lee"},
    "displayName": "Kim Lee",
    "emails": [
        {"value": "kim@home.example", "type": "home", "display": "Home"},
        {"value": "kim@example.org", "type": "work", "primary": True, "display": "Work"},
    ],
}


class OfProduct(ConnectorContract):
    connector_class = Scim2Connector
    profile: ClassVar[str]
    product: ClassVar[type[Product]]

    @pytest.fixture
    def remote(self) -> Iterator[Product]:
        with self.product(more={"profile": self.profile}) as target:
            yield target
            assert target.violations == []

    def entity(self, name: str, **more: Any) -> Entity:
        is_user = more.get("type", EntityType.USER) is EntityType.USER
        return super().entity(name, **{"attributes": PERSON if is_user else {}, **more})

    def vanish(self, connector: Connector, remote: Any, entity: Entity) -> None:
        remote.forget(entity.remote_id)


class OfProductWithoutInactive(OfProduct):
    """Where nobody is inactive but only gone, and then made anew."""

    def test_a_user_is_deactivated_and_activated_again(self, connector: Connector) -> None:
        entity = self.entity("kim")
        before = accepted(entity, connector.create(entity))

        receipt = connector.update(replace(before, active=False))

        assert connector.fetch(EntityType.USER, before.remote_id) is None
        with pytest.raises(RemoteMissing):
            connector.update(accepted(entity, receipt))
        assert connector.create(entity).remote_id != before.remote_id

    def test_a_leaver_is_disabled_whatever_was_accepted_last(
        self, connector: Connector
    ) -> None:
        entity = self.entity("kim")
        leaver = replace(accepted(entity, connector.create(entity)), active=False)

        for _ in range(2):
            connector.update(leaver)

        assert connector.fetch(EntityType.USER, leaver.remote_id) is None

    def test_after_a_lost_answer_an_update_can_be_repeated(
        self, connector: Connector, remote: Remote
    ) -> None:
        entity = self.entity("kim")
        update = replace(accepted(entity, connector.create(entity)), active=False)
        remote.drop_next()

        with pytest.raises(RetryLater):
            connector.update(update)

        connector.update(replace(update, accepted=None))
        assert connector.fetch(update.type, update.remote_id) is None

    def test_updating_somebody_who_is_gone_says_so(
        self, connector: Connector, remote: Remote
    ) -> None:
        entity = self.entity("kim")
        before = accepted(entity, connector.create(entity))
        self.vanish(connector, remote, before)

        for known in (before.accepted, None):
            gone = replace(before, accepted=known, remote_name="robin")
            with pytest.raises(RemoteMissing):
                connector.update(gone)
            assert connector.update(replace(gone, active=False)).remote_id


class TestAws(OfProduct):
    profile, product = "aws", AwsLike

    def test_answers_in_pages_are_read_to_the_end(
        self, connector: Connector, remote: Remote
    ) -> None:
        """There is no way from a filtered page to the next: what else is there stays unknown,
        and nobody is taken for not being there."""
        for name in ("kim", "robin", "lee"):
            connector.create(self.entity(name))
        remote.ignore_filters()
        remote.answer_in_pages(2)

        with pytest.raises(Ambiguous):
            connector.find(self.entity("nobody"))


class TestSlack(OfProduct):
    profile, product = "slack", products.SlackLike

    def test_deleting_twice_says_that_it_is_gone(self, connector: Connector) -> None:
        """It is not gone, and a second time does no harm."""
        entity = self.entity("kim")
        entity = accepted(entity, connector.create(entity))
        for _ in range(2):
            connector.delete(entity)

            there = connector.fetch(EntityType.USER, entity.remote_id)
            assert there is not None
            assert not there.active


class TestGithub(OfProduct):
    profile, product = "github", products.GithubLike


class TestGithubOrganization(OfProductWithoutInactive):
    profile, product = "github-organization", products.GithubOrganizationLike


class TestSalesforce(OfProduct):
    """Groups are left out: they are made by hand, and tested on their own."""

    profile = "salesforce"

    @pytest.fixture
    def remote(self) -> Iterator[Product]:
        with products.SalesforceLike(groups=False, more={"profile": "salesforce"}) as target:
            yield target
            assert target.violations == []


class TestZoom(OfProduct):
    profile, product = "zoom", products.ZoomLike


class TestAtlassian(OfProduct):
    profile, product = "atlassian", products.AtlassianLike


class TestDatabricks(OfProduct):
    profile, product = "databricks", products.DatabricksLike


class TestSnowflake(OfProduct):
    profile, product = "snowflake", products.SnowflakeLike


class TestPagerduty(OfProductWithoutInactive):
    profile, product = "pagerduty", products.PagerdutyLike


class TestZscaler(OfProduct):
    profile, product = "zscaler", products.ZscalerLike


def test_every_profile_is_tried() -> None:
    tried = {
        found.profile
        for found in globals().values()
        if isinstance(found, type)
        and issubclass(found, OfProduct)
        and hasattr(found, "profile")
    }

    assert tried == {key for key, _ in choices()}
