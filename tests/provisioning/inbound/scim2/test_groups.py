from __future__ import annotations

import uuid
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from idp.models import Group, Membership, Tenant, User, UserStore, new_id
from provisioning.inbound.scim2 import groups as groups_module
from tests.provisioning.inbound.scim2.conftest import Scim


def members_of(scim: Scim, group_id: str) -> set[str]:
    members = scim("GET", f"/Groups/{group_id}").body.get("members", [])
    return {member["value"] for member in members}


@pytest.fixture
def people(scim: Scim) -> list[str]:
    return [
        scim.make_user("ann", displayName="Ann Lee", name={"formatted": "x"})["id"],
        scim.make_user("bob", name={"givenName": "Bob", "familyName": "Roe"})["id"],
        scim.make_user("cid")["id"],
    ]


def test_a_group_is_created_with_members_filled_in(scim: Scim, people: list[str]) -> None:
    made = scim(
        "POST", "/Groups", {"displayName": "sales", "externalId": "g", "members": [people[0]]}
    )

    assert made.status == 201
    assert made.headers["Location"] == made.body["meta"]["location"]
    assert made.body["meta"]["created"] == made.body["meta"]["lastModified"]
    assert made.body["externalId"] == "g"
    assert made.body["members"] == [
        {
            "value": people[0],
            "$ref": f"http://testserver/scim2/Users/{people[0]}",
            "display": "Ann Lee",
            "type": "User",
        }
    ]
    assert scim("GET", f"/Groups/{made.body['id']}").body == made.body


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([{"value": str(uuid.UUID(int=7))}], "no user"),
        ([{"value": "nobody"}], "no user"),
        ([{"display": "ann"}], "id of a user"),
        ([7], "id of a user"),
        ([{"value": str(uuid.UUID(int=7)), "type": "Group"}], "not supported"),
    ],
    ids=str,
)
def test_members_that_cannot_be_are_refused(scim: Scim, members: Any, why: str) -> None:
    made = scim.make_group("other")
    body = {"displayName": "sales", "members": members}
    answers = [
        scim("POST", "/Groups", body),
        scim("PUT", f"/Groups/{made['id']}", body),
        scim.patch(f"/Groups/{made['id']}", {"op": "add", "path": "members", "value": members}),
    ]

    for answer in answers:
        assert (answer.status, answer.body["scimType"]) == (400, "invalidValue")
        assert "members" in answer.body["detail"]
        assert why in answer.body["detail"]


def test_members_of_another_tenant_are_unknown(scim: Scim, other_tenant: Tenant) -> None:
    store = UserStore.objects.get(tenant=other_tenant, domain="PRIMARY")
    group = Group.objects.create(
        tenant=other_tenant,
        store=store,
        name="g",
        name_key="g",
        created="2026-01-01T00:00Z",
        modified="2026-01-01T00:00Z",
    )

    assert scim("GET", f"/Groups/{group.pk}").status == 404
    assert scim("DELETE", f"/Groups/{group.pk}").status == 404


def test_put_without_members_keeps_them_and_an_empty_list_removes_them(
    scim: Scim, people: list[str]
) -> None:
    made = scim.make_group("sales", people)
    path = f"/Groups/{made['id']}"

    renamed = scim("PUT", path, {"displayName": "sellers"})
    assert renamed.body["displayName"] == "sellers"
    assert members_of(scim, made["id"]) == set(people)

    scim("PUT", path, {"displayName": "sellers", "members": [{"value": people[0]}]})
    assert members_of(scim, made["id"]) == {people[0]}

    scim("PUT", path, {"displayName": "sellers", "members": []})
    assert members_of(scim, made["id"]) == set()


def test_members_are_patched_in_every_dialect(scim: Scim, people: list[str]) -> None:
    ann, bob, cid = people
    made = scim.make_group("sales", [ann])
    path = f"/Groups/{made['id']}"

    def after(*operations: dict[str, Any]) -> set[str]:
        answer = scim.patch(path, *operations)
        assert answer.status == 200, answer.body
        return {member["value"] for member in answer.body.get("members", [])}

    add = {"op": "add", "path": "members", "value": [{"value": bob}]}
    assert after(add) == {ann, bob}
    assert after(add) == {ann, bob}
    assert after({"op": "Add", "value": {"members": [{"value": cid}]}}) == {ann, bob, cid}
    assert after({"op": "remove", "path": f'members[value eq "{ann}"]'}) == {bob, cid}
    assert after({"op": "Remove", "path": "members", "value": [{"value": bob}]}) == {cid}
    assert after({"op": "Remove", "path": "members", "value": []}) == {cid}
    assert after({"op": "add", "path": f'members[value eq "{ann}"]', "value": {}}) == {ann, cid}
    assert after({"op": "remove", "path": 'members[display sw "a"]'}) == {cid}
    assert after({"op": "remove", "path": 'members[value eq "nobody"]'}) == {cid}
    either = f'members[value eq "{cid}" or value eq "{ann}"]'
    assert after({"op": "remove", "path": either}) == set()
    assert after({"op": "replace", "path": "members", "value": [{"value": ann}]}) == {ann}
    assert after({"op": "remove", "path": "members"}, add) == {bob}
    swap = {"op": "replace", "path": f'members[value eq "{bob}"]', "value": {"value": cid}}
    assert after(swap) == {cid}
    assert after({"op": "replace", "path": "members", "value": []}) == set()
    assert after(add, {"op": "remove", "path": f'members[value eq "{bob}"]'}) == set()


def test_a_group_is_renamed_and_its_external_id_cleared(scim: Scim) -> None:
    made = scim.make_group("sales")
    path = f"/Groups/{made['id']}"
    scim.patch(path, {"op": "add", "path": "externalId", "value": "7"})

    answer = scim.patch(
        path,
        {"op": "replace", "value": {"displayName": "sellers", "id": made["id"]}},
        {"op": "remove", "path": "externalId"},
    )

    assert answer.body["displayName"] == "sellers"
    assert "externalId" not in answer.body


@pytest.mark.parametrize(
    ("operation", "scim_type"),
    [
        ({"op": "remove", "path": "displayName"}, "mutability"),
        ({"op": "replace", "path": "displayName", "value": ""}, "invalidValue"),
        ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "members.display", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "nonsense", "value": "x"}, "invalidPath"),
        ({"op": "remove", "path": 'members[nonsense eq "x"]'}, "invalidFilter"),
        ({"op": "add", "path": 'members[type eq "User"]', "value": {}}, "noTarget"),
    ],
    ids=str,
)
def test_group_operations_that_cannot_be(
    scim: Scim, operation: dict[str, Any], scim_type: str
) -> None:
    made = scim.make_group("sales")

    answer = scim.patch(f"/Groups/{made['id']}", operation)

    assert (answer.status, answer.body["scimType"]) == (400, scim_type)


def test_a_patch_that_changes_nothing_keeps_the_version(scim: Scim, people: list[str]) -> None:
    made = scim.make_group("sales", people)

    answer = scim.patch(
        f"/Groups/{made['id']}",
        {"op": "add", "path": "members", "value": [{"value": people[0]}]},
        {"op": "replace", "path": "displayName", "value": "sales"},
    )

    assert answer.body["meta"] == made["meta"]


def test_a_large_group_answers_204_unless_asked_for_attributes(
    scim: Scim, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups_module, "ANSWERED_MEMBERS", 1)
    made = scim.make_group("sales", people[:2])
    path = f"/Groups/{made['id']}"
    add = {"op": "add", "path": "members", "value": [{"value": people[2]}]}
    remove = {"op": "remove", "path": "members", "value": [{"value": people[2]}]}

    bare = scim.patch(path, add)
    assert (bare.status, bare.body) == (204, {})
    assert bare.headers["ETag"]
    assert "Content-Type" not in bare.headers
    assert scim.patch(f"{path}?attributes=displayName", remove).status == 200
    assert scim.patch(f"{path}?excludedAttributes=members", add).status == 200
    assert len(scim.patch(f"{path}?attributes=members", remove).body["members"]) == 2


@pytest.fixture
def crowd(tenant: Tenant, scim: Scim) -> str:
    """A group of 2,500, made without the door."""
    made = scim.make_group("crowd")
    store = UserStore.objects.get(tenant=tenant, domain="PRIMARY")
    users = [
        User(
            id=new_id(),
            tenant=tenant,
            store=store,
            username=f"u{n}",
            username_key=f"u{n}",
            created=made["meta"]["created"],
            modified=made["meta"]["created"],
        )
        for n in range(2_500)
    ]
    User.objects.bulk_create(users)
    Membership.objects.bulk_create(Membership(group_id=made["id"], user=u) for u in users)
    Group.objects.filter(pk=made["id"]).update(member_count=len(users))
    return str(made["id"])


def test_a_crowd_gains_and_loses_a_member_in_as_many_queries_as_a_small_group(
    scim: Scim,
    crowd: str,
    people: list[str],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    small = scim.make_group("small")["id"]
    add = {"op": "add", "path": "members", "value": [{"value": people[0]}]}
    remove = {"op": "remove", "path": f'members[value eq "{people[0]}"]'}
    query = "?excludedAttributes=members"

    for operation in (add, remove):
        with django_assert_num_queries(30, exact=False) as counted:
            scim.patch(f"/Groups/{small}{query}", operation)
        with django_assert_num_queries(len(counted.captured_queries)):
            assert scim.patch(f"/Groups/{crowd}{query}", operation).status == 200


def test_members_are_not_read_when_they_are_left_out(
    scim: Scim, crowd: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(10, exact=False) as counted:
        body = scim("GET", f"/Groups/{crowd}", params={"excludedAttributes": "members"}).body
        scim("GET", "/Groups", params={"excludedAttributes": "members"})

    assert "members" not in body
    assert not [q for q in counted.captured_queries if "membership" in q["sql"].lower()]


def test_a_page_of_groups_reads_members_in_one_query(
    scim: Scim, people: list[str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(5):
        scim.make_group(f"g{n}", people)

    with django_assert_num_queries(10, exact=False) as counted:
        body = scim("GET", "/Groups").body

    assert [len(g["members"]) for g in body["Resources"]] == [3] * 5
    reads = [q for q in counted.captured_queries if "membership" in q["sql"].lower()]
    assert len(reads) == 1


def test_roles_are_groups_of_the_internal_store(scim: Scim, people: list[str]) -> None:
    made = scim.make_group("Internal/approver", people)

    assert made["displayName"] == "Internal/approver"
    assert scim.found('displayName eq "internal/APPROVER"', "/Groups") == ["Internal/approver"]
