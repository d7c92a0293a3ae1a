"""Dumb mode: groups of people who pass through, and roles read from what requests say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.models import Group, IdentityProvider, Membership, OutboundConnector
from provisioning.models import AcceptedMember, PassingEntity, ProvisionedEntity
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("onward")]
Step = Callable[[], None]


def add(*people: str) -> dict[str, object]:
    return {"op": "add", "path": "members", "value": [{"value": one} for one in people]}


def remove(person: str) -> dict[str, object]:
    return {"op": "remove", "path": f'members[value eq "{person}"]'}


def test_groups_go_onward_with_members_and_renames(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    kim, lee = scim.make_user("kim")["id"], scim.make_user("lee")["id"]
    made = scim.make_group("sales", [kim])
    sales = f"/Groups/{made['id']}"
    assert [member["value"] for member in made["members"]] == [kim]
    deliver()
    assert target.member_names("sales") == ["kim"]

    changed = scim.patch(
        sales, add(lee), remove(kim), {"op": "replace", "path": "displayName", "value": "Sales"}
    )
    assert changed.status == 200
    assert [member["value"] for member in changed.body["members"]] == [lee]
    assert [group["display"] for group in scim("GET", f"/Users/{lee}").body["groups"]] == [
        "Sales"
    ]
    deliver()
    assert target.member_names("Sales") == ["lee"]

    scim("PUT", sales, {"displayName": "Sales", "members": []})
    deliver()
    assert target.member_names("Sales") == []
    assert scim("DELETE", sales).status == 204
    deliver()
    assert target.groups == {}
    assert not Group.objects.exists()
    assert not Membership.objects.exists()
    assert not PassingEntity.objects.filter(entity_type="group").exists()


def test_groups_are_found_by_name_and_external_id(scim: Scim) -> None:
    scim("POST", "/Groups", {"displayName": "sales", "externalId": "g-1"})
    scim.make_group("support")

    assert scim.found('displayName eq "SALES"', "/Groups") == ["sales"]
    assert scim.found('externalId eq "g-1"', "/Groups") == ["sales"]
    assert scim.found('displayName eq "sales" and members pr', "/Groups") == []
    refused = scim("GET", "/Groups", params={"filter": 'members.value eq "x"'})
    assert (refused.status, refused.body["scimType"]) == (400, "invalidFilter")


def test_a_member_must_pass_through_here_too(scim: Scim, store: Store) -> None:
    stored = store.add_user("lee")
    gone = scim.make_user("gone")["id"]
    scim("DELETE", f"/Users/{gone}")
    for stranger in (str(stored.entity_id), gone):
        members = [{"value": stranger}]
        answer = scim("POST", "/Groups", {"displayName": "sales", "members": members})
        assert (answer.status, stranger in answer.body["detail"]) == (400, True)
    assert not PassingEntity.objects.filter(entity_type="group").exists()


def test_a_member_who_arrives_late_is_added_when_they_do(
    scim: Scim, target: Scim2Target, deliver: Step, later: Step
) -> None:
    target.fail_next(500, method="POST", path="/Users")
    kim = scim.make_user("kim")["id"]
    scim.make_group("sales", [kim])
    deliver()
    assert target.member_names("sales") == []

    later()
    deliver()

    assert target.member_names("sales") == ["kim"]


def test_who_is_deleted_leaves_their_groups(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    kim = scim.make_user("kim")["id"]
    sales = scim.make_group("sales", [kim])
    deliver()
    assert AcceptedMember.objects.count() == 1

    scim("DELETE", f"/Users/{kim}")
    answer = scim("GET", f"/Groups/{sales['id']}")
    assert "members" not in answer.body
    assert answer.headers["ETag"] != sales["meta"]["version"]
    deliver()

    assert target.users == {}
    assert target.member_names("sales") == []
    assert not AcceptedMember.objects.exists()


def test_where_accounts_are_disabled_the_group_drops_who_was_deleted(
    scim: Scim, connector: OutboundConnector, target: Scim2Target, deliver: Step
) -> None:
    OutboundConnector.objects.update(delete_action="disable")
    kim = scim.make_user("kim")["id"]
    scim.make_group("sales", [kim])
    deliver()
    scim("DELETE", f"/Users/{kim}")
    deliver()

    [there] = target.users.values()
    assert there["active"] is False
    assert target.member_names("sales") == []
    assert not PassingEntity.objects.filter(entity_type="user").exists()
    assert ProvisionedEntity.objects.get(entity_type="user").state == "former"


def test_the_role_gate_reads_the_groups_in_the_request(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    IdentityProvider.objects.update(provisioning_roles=["Sales", "Internal/admin"])
    none = scim("POST", "/Users", {"userName": "none"})
    assert none.headers["Provisioning-Outcome"] == "partner/scim2=skipped"
    said = {"userName": "kim", "groups": [{"display": "SALES"}, {"value": "other"}]}
    made = scim("POST", "/Users", said).body
    kim = f"/Users/{made['id']}"
    assert [group["value"] for group in made["groups"]] == ["SALES", "other"]
    deliver()
    assert [user["userName"] for user in target.users.values()] == ["kim"]

    # What says nothing about groups changes none.
    scim("PUT", kim, {"userName": "kim", "title": "Lead"})
    scim.patch(kim, {"op": "replace", "path": "title", "value": "Head"})
    # As it was read, so it may be written.
    scim("PUT", kim, scim("GET", kim).body)
    deliver()
    assert [user["title"] for user in target.users.values()] == ["Head"]

    lost = scim.patch(kim, {"op": "remove", "path": 'groups[display eq "Sales"]'})
    assert [group["display"] for group in lost.body["groups"]] == ["other"]
    deliver()
    assert target.users == {}
    assert scim("GET", kim).status == 200

    again = {"op": "add", "path": "groups", "value": [{"value": "Internal/Admin"}]}
    scim.patch(kim, again)
    deliver()
    assert [user["title"] for user in target.users.values()] == ["Head"]
    scim("PUT", kim, {"userName": "kim", "groups": []})
    deliver()
    assert target.users == {}


def test_a_group_that_passes_through_can_be_the_listed_role(
    scim: Scim, target: Scim2Target, deliver: Step
) -> None:
    IdentityProvider.objects.update(provisioning_roles=["sales"])
    kim = scim("POST", "/Users", {"userName": "kim", "title": "Lead"}).body["id"]
    sales = scim.make_group("sales")["id"]
    deliver()
    assert target.users == {}

    scim.patch(f"/Groups/{sales}", add(kim))
    # Read and written back, a membership does not become something the request said.
    scim("PUT", f"/Users/{kim}", scim("GET", f"/Users/{kim}").body)
    deliver()
    assert [user["title"] for user in target.users.values()] == ["Lead"]
    assert target.member_names("sales") == ["kim"]

    scim.patch(f"/Groups/{sales}", remove(kim))
    deliver()
    assert target.users == {}


def test_a_group_without_a_name_to_compare_is_refused(scim: Scim) -> None:
    for groups in ([{"type": "direct"}], [{"value": " "}]):
        answer = scim("POST", "/Users", {"userName": "kim", "groups": groups})
        assert (answer.status, "groups" in answer.body["detail"]) == (400, True)
    role = scim("POST", "/Groups", {"displayName": "Internal/admin"})
    assert (role.status, "displayName" in role.body["detail"]) == (400, True)
