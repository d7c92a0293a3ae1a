"""Public groups, permission sets, and who is in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors import (
    GroupStays,
    JobIsWrong,
    Member,
    MemberChanges,
    NotConfigured,
    RemoteExists,
    RemoteMissing,
)
from connectors.salesforce.connector import SalesforceConnector
from connectors.testing import accepted
from tests.connectors.salesforce.conftest import group, person
from tests.fakes.salesforce import SalesforceOrg


def test_a_group_is_a_public_group(org: SalesforceOrg, connector: SalesforceConnector) -> None:
    receipt = connector.create(group("STAFF/sales & service"))

    row = org.objects["Group"][receipt.remote_id]
    assert row["Name"] == "STAFF/sales & service"
    assert row["DeveloperName"] == "STAFF_sales_service"
    assert row["Type"] == "Regular"


def test_a_renamed_group_is_the_same_group(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    sales = group("sales")
    before = accepted(sales, connector.create(sales))

    connector.update(replace(before, remote_name="selling"))

    assert org.objects["Group"][before.remote_id]["Name"] == "selling"


def test_a_new_group_may_be_called_as_a_renamed_one_was(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    sales = group("sales")
    before = accepted(sales, connector.create(sales))
    connector.update(replace(before, remote_name="selling"))

    second = connector.create(replace(sales, local_id="another"))

    row = org.objects["Group"][second.remote_id]
    assert row["Name"] == "sales"
    assert row["DeveloperName"].startswith("sales_")
    assert second.remote_id != before.remote_id


def test_a_group_of_the_same_name_is_taken(connector: SalesforceConnector) -> None:
    connector.create(group("sales"))

    with pytest.raises(RemoteExists):
        connector.create(replace(group("sales"), local_id="another"))


def test_a_permission_set_is_found_by_label_and_never_made(
    connector: SalesforceConnector,
) -> None:
    known, unknown = group("PermissionSet:Sales Cloud"), group("PermissionSet:Boss")

    with pytest.raises(RemoteExists):
        connector.create(known)
    assert [found.remote_id for found in connector.find(known)] == ["0PS000000000001AAA"]
    with pytest.raises(NotConfigured, match="Boss"):
        connector.create(unknown)


def test_people_are_assigned_to_a_permission_set_and_it_is_never_deleted(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    cloud = replace(group("PermissionSet:Sales Cloud"), remote_id="0PS000000000001AAA")
    kim = Member(connector.create(person("kim")).remote_id, "kim")

    assert list(connector.change_members(cloud, MemberChanges(add=[kim]))) == [[kim]]
    assert org.member_ids(cloud.remote_id) == [kim.remote_id]
    assert list(connector.change_members(cloud, MemberChanges(remove=[kim]))) == [[kim]]
    assert org.member_ids(cloud.remote_id) == []
    with pytest.raises(GroupStays, match="Sales Cloud"):
        connector.delete(cloud)


def test_a_group_that_is_gone_takes_nobody_in(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    sales = group("sales")
    sales = accepted(sales, connector.create(sales))
    kim = Member(connector.create(person("kim")).remote_id, "kim")
    org.objects["Group"].clear()

    with pytest.raises(RemoteMissing):
        list(connector.change_members(sales, MemberChanges(add=[kim])))


def test_who_is_in_already_is_not_added_again(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    sales = group("sales")
    sales = accepted(sales, connector.create(sales))
    kim = Member(connector.create(person("kim")).remote_id, "kim")

    for _ in range(2):
        assert list(connector.change_members(sales, MemberChanges(add=[kim]))) == [[kim]]
    for _ in range(2):
        assert list(connector.change_members(sales, MemberChanges(remove=[kim]))) == [[kim]]

    assert len(org.requests("POST", "/composite")) == 1
    assert len(org.requests("DELETE", "/composite")) == 1


def test_one_bad_member_is_named_and_holds_nobody_up(
    org: SalesforceOrg, connector: SalesforceConnector
) -> None:
    sales = group("sales")
    sales = accepted(sales, connector.create(sales))
    kim = Member(connector.create(person("kim")).remote_id, "kim")
    ghost = Member("005999999999999AAA", "ghost")
    chunks = connector.change_members(sales, MemberChanges(add=[ghost, kim]))

    assert next(chunks) == [kim]
    with pytest.raises(JobIsWrong, match="ghost"):
        next(chunks)
    assert org.member_ids(sales.remote_id) == [kim.remote_id]
