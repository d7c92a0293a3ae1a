"""What happens at products that differ from the standard, with their profiles and without."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors import (
    Ambiguous,
    ConnectorIsWrong,
    Entity,
    JobIsWrong,
    Member,
    MemberChanges,
    NotBefore,
    RemoteExists,
    RemoteMissing,
)
from connectors.errors import NotConfigured
from connectors.http import Http
from connectors.scim.v2 import Scim2Connector
from connectors.testing import accepted
from tests.connectors.scim.conftest import Connect
from tests.connectors.scim.people import group, person
from tests.fakes import scim2_products as products
from tests.fakes.scim2 import ENTERPRISE
from tests.fakes.scim2_aws import AwsLike
from tests.fakes.scim2_product import Product

NAMES: dict[str, Any] = {
    "name": {"givenName": "Kim", "familyName": "Lee"},
    "displayName": "Kim Lee",
}
MAILS: list[dict[str, Any]] = [
    {"value": "kim@home.example", "display": "Home"},
    {"value": "kim@example.org", "primary": True, "display": "Work"},
]
At = Callable[..., tuple[Any, Scim2Connector]]


@pytest.fixture
def at(http: Http) -> Iterator[At]:
    """A product, and a connector with that profile for it; what was refused is a failure."""
    running: list[Product] = []

    def start(product: type[Product], profile: str) -> tuple[Product, Scim2Connector]:
        running.append(product(more={"profile": profile}))
        return running[-1], Scim2Connector(running[-1].settings, http)

    yield start
    for target in running:
        target.stop()
    assert [refused for target in running for refused in target.violations] == []


def made(connector: Scim2Connector, entity: Entity) -> Entity:
    return accepted(entity, connector.create(entity))


def users(target: Product, count: int) -> list[Member]:
    return [Member(target.add_user(f"user{n}")["id"], f"user{n}") for n in range(count)]


# -- a product without its profile --------------------------------------------------------


@pytest.mark.parametrize(
    ("product", "attributes"),
    [
        (AwsLike, {}),
        (AwsLike, {**NAMES, "emails": MAILS}),
        (products.PagerdutyLike, {}),
        (products.DatabricksLike, {}),
        (products.SnowflakeLike, {"emails": MAILS}),
        (products.AtlassianLike, {}),
        (products.ZoomLike, {}),
    ],
)
def test_without_its_profile_a_product_refuses(
    http: Http, product: type[Product], attributes: dict[str, Any]
) -> None:
    with product() as target:
        connector = Scim2Connector(target.settings, http)

        with pytest.raises(JobIsWrong):
            connector.create(person(attributes=attributes))

        assert target.users == {}


def test_a_profile_that_is_not_known_is_refused_by_name(connect: Connect) -> None:
    with pytest.raises(ConnectorIsWrong, match=r"no profile 'awss'.*\baws\b"):
        connect(settings={"profile": "awss"})


# -- AWS IAM Identity Center --------------------------------------------------------------


def test_aws_gets_250_members_in_three_requests_and_loses_them_in_three(at: At) -> None:
    target, connector = at(AwsLike, "aws")
    members, sales = users(target, 250), made(connector, group("Sales"))
    target.log.clear()

    added = list(connector.change_members(sales, MemberChanges(add=members)))
    assert len(target.member_ids(sales.remote_id)) == 250
    removed = list(connector.change_members(sales, MemberChanges(remove=members)))

    assert [len(chunk) for chunk in added + removed] == [100, 100, 50] * 2
    assert [request.method for request in target.log] == ["PATCH"] * 6
    assert target.member_ids(sales.remote_id) == []


def test_aws_gets_nobody_who_lacks_a_name(at: At) -> None:
    target, connector = at(AwsLike, "aws")
    lacking = {"name": {"givenName": "Kim"}, "displayName": ""}

    with pytest.raises(NotConfigured, match=r"name\.familyName, displayName"):
        connector.create(person(attributes=lacking))

    assert target.log == []


def test_aws_gets_one_value_of_each_and_nothing_that_it_has_no_place_for(at: At) -> None:
    target, connector = at(AwsLike, "aws")
    work = {"manager": {"value": "26", "displayName": "Robin"}, "department": "Sales"}
    more = {"emails": MAILS, "photos": [{"value": "https://x/y"}], ENTERPRISE: work}
    kim = person(attributes={**NAMES, **more}, password="Secret-1")

    kim = made(connector, kim)
    [there] = target.users.values()
    assert there["emails"] == [{"value": "kim@example.org", "primary": True}]
    assert there[ENTERPRISE] == {"manager": {"value": "26"}, "department": "Sales"}
    assert "photos" not in there

    target.log.clear()
    connector.update(kim)
    assert target.log == []
    connector.update(replace(kim, attributes={**NAMES, "emails": [{"value": "k@x.org"}]}))
    [there] = target.users.values()
    assert there["emails"] == [{"value": "k@x.org", "primary": True}]


def test_aws_groups_are_never_put(connect: Connect) -> None:
    for quirks in ({"patch": False}, {"ignores_patch": True}):
        target, connector = connect(settings={"profile": "aws"}, **quirks)
        sales = made(connector, group("Sales"))

        with pytest.raises(JobIsWrong):
            connector.update(replace(sales, remote_name="Sales 2"))

        assert target.requests("PUT") == []


# -- products that delete nobody, or everybody --------------------------------------------


@pytest.mark.parametrize(
    ("product", "profile"),
    [(products.SlackLike, "slack"), (products.SalesforceLike, "salesforce")],
)
def test_whoever_is_deleted_is_deactivated_and_found_when_they_come_back(
    at: At, product: type[Product], profile: str
) -> None:
    target, connector = at(product, profile)
    kim = made(connector, person(attributes=NAMES))

    connector.delete(kim)
    assert target.users[kim.remote_id]["active"] is False
    with pytest.raises(RemoteExists):
        connector.create(person(attributes=NAMES))
    [found] = connector.find(person())
    assert (found.remote_id, found.active) == (kim.remote_id, False)
    connector.update(person(remote_id=found.remote_id, attributes=NAMES))

    assert target.users[kim.remote_id]["active"] is True


def test_salesforce_says_of_the_deactivated_that_they_are_gone(at: At) -> None:
    _, connector = at(products.SalesforceLike, "salesforce")
    kim = made(connector, person())
    connector.delete(kim)

    for gone in (kim, replace(kim, remote_id="005unknown")):
        with pytest.raises(RemoteMissing):
            connector.delete(gone)


def test_pagerduty_gets_nobody_back_under_the_old_id(at: At) -> None:
    target, connector = at(products.PagerdutyLike, "pagerduty")
    kim = made(connector, person(attributes=NAMES))

    for _ in range(2):
        receipt = connector.update(replace(kim, active=False))
        assert target.users == {}
    with pytest.raises(RemoteMissing):
        connector.update(accepted(kim, receipt))


# -- groups -------------------------------------------------------------------------------


def test_salesforce_groups_are_made_by_hand_and_found(at: At) -> None:
    target, connector = at(products.SalesforceLike, "salesforce")
    with pytest.raises(JobIsWrong, match="make one called Sales there"):
        connector.create(group("Sales"))
    there = target.add_group("Sales")

    with pytest.raises(RemoteExists):
        connector.create(group("Sales"))
    sales = group("Sales", remote_id=there["id"], accepted={"displayName": "Sales"})
    members = users(target, 3)
    list(connector.change_members(sales, MemberChanges(add=members)))
    list(connector.change_members(sales, MemberChanges(remove=members[:1])))

    assert target.member_names("Sales") == ["user1", "user2"]


def test_salesforce_groups_that_are_deleted_are_emptied(at: At) -> None:
    target, connector = at(products.SalesforceLike, "salesforce")
    there = target.add_group("Sales", [member.remote_id for member in users(target, 130)])
    sales = group("Sales", remote_id=there["id"])

    connector.delete(sales)

    assert target.member_ids(there["id"]) == []
    with pytest.raises(RemoteMissing):
        connector.delete(sales)


def test_atlassian_groups_keep_the_name_they_were_made_with(at: At) -> None:
    target, connector = at(products.AtlassianLike, "atlassian")
    sales = made(connector, group("Sales"))
    target.log.clear()

    for known in (sales.accepted, None):
        renamed = replace(sales, remote_name="Sales and more", accepted=known)
        receipt = connector.update(renamed)
        assert receipt.remote_name == "Sales"
        assert connector.update(accepted(renamed, receipt)) == receipt
    list(connector.change_members(renamed, MemberChanges(add=users(target, 2))))

    assert target.member_names("Sales") == ["user0", "user1"]
    assert [request.method for request in target.log] == ["GET", "PATCH"]


# -- how things are asked for and written -------------------------------------------------


def test_zoom_users_are_put_and_its_groups_patched(at: At) -> None:
    target, connector = at(products.ZoomLike, "zoom")
    kim, sales = made(connector, person(attributes=NAMES)), made(connector, group("Sales"))
    target.log.clear()

    connector.update(replace(kim, attributes={**NAMES, "title": "Dr"}, active=False))
    connector.update(replace(sales, remote_name="Sales 2"))

    assert [request.method for request in target.log] == ["GET", "PUT", "PATCH"]
    assert target.users[kim.remote_id]["title"] == "Dr"
    assert "Changes of users are sent by PUT" in " ".join(f.what for f in connector.check())


def test_databricks_is_not_asked_for_an_external_id_nor_told_one(at: At) -> None:
    target, connector = at(products.DatabricksLike, "databricks")
    kim = made(connector, person())
    before = {**(kim.accepted or {}), "externalId": "from before the profile"}

    connector.update(replace(kim, accepted=before))
    assert connector.find(person("robin")) == []

    assert "externalId" not in target.users[kim.remote_id]
    assert [request.method for request in target.log] == ["POST", "GET"]


def test_zscaler_is_not_told_again_what_it_says_in_texts(at: At) -> None:
    target, connector = at(products.ZscalerLike, "zscaler")
    kim = made(connector, person(attributes=NAMES))
    target.log.clear()

    connector.update(replace(kim, accepted=None))

    assert [request.method for request in target.log] == ["GET"]


def test_salesforce_gets_changes_without_paths(at: At) -> None:
    target, connector = at(products.SalesforceLike, "salesforce")
    kim = made(connector, person(attributes={**NAMES, "title": "Dr"}))
    target.log.clear()

    named = {**NAMES, "name": {"givenName": "Kim", "familyName": "Park"}}
    connector.update(replace(kim, attributes=named))

    [request] = target.log
    assert request.json["Operations"] == [
        {"op": "remove", "path": "title"},
        {"op": "replace", "value": {"name": {"givenName": "Kim", "familyName": "Park"}}},
    ]
    assert target.users[kim.remote_id]["name"]["familyName"] == "Park"


def test_salesforce_is_asked_in_its_own_place_what_it_can_do(at: At) -> None:
    _, connector = at(products.SalesforceLike, "salesforce")

    assert "The target supports PATCH" in [finding.what for finding in connector.check()]


def test_a_list_with_one_page_only_says_nothing_about_whom_it_does_not_show(
    connect: Connect,
) -> None:
    target, connector = connect(
        settings={"profile": "aws"}, filters="ignored", page_size=10, ignores_start_index=True
    )
    for number in range(25):
        target.add_user(f"user{number}")

    with pytest.raises(Ambiguous):
        connector.find(person())
    assert [request for request in target.log if "startIndex" in request.query] == []


# -- throttling in disguise ---------------------------------------------------------------


@pytest.mark.parametrize("profile", ["github", "github-organization"])
def test_github_is_left_alone_until_it_says(at: At, profile: str) -> None:
    target, connector = at(products.GithubLike, profile)
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 900)}
    target.fail_next(403, headers=spent, document={"message": "no more for now"})

    with pytest.raises(NotBefore) as raised:
        connector.create(person())

    assert 880 < raised.value.retry_after <= 900
    assert not raised.value.maybe_sent


@pytest.mark.parametrize(
    ("headers", "said", "seconds"),
    [
        ({}, "You have exceeded a secondary rate limit.", 60),
        ({"Retry-After": "7"}, "You have exceeded a secondary rate limit.", 7),
        ({"X-RateLimit-Remaining": "0"}, "no more", 60),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, "no more", 60),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, "no more", 0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 12}, "no more", 3600),
    ],
)
def test_github_is_left_alone_for_a_while(
    at: At, headers: dict[str, str], said: str, seconds: float
) -> None:
    target, connector = at(products.GithubLike, "github")
    target.fail_next(403, headers=headers, document={"message": said})

    with pytest.raises(NotBefore) as raised:
        connector.create(person())

    assert raised.value.retry_after == seconds


def test_a_refusal_by_github_is_still_a_refusal(at: At) -> None:
    target, connector = at(products.GithubLike, "github")
    target.fail_next(403, headers={"X-RateLimit-Remaining": "17"}, document={"message": "no"})

    with pytest.raises(ConnectorIsWrong):
        connector.create(person())
