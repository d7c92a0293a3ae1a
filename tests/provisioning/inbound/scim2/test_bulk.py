"""What `/Bulk` answers, and in which order it works (RFC 7644 §3.7)."""

from __future__ import annotations

from typing import Any

import pytest

from idp.models import Group, User
from serviceproviders.models import ServiceProvider
from tests.provisioning.inbound.scim2.conftest import Scim

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
HOST = "http://testserver"
TITLE = {"op": "add", "path": "title", "value": "Boss"}


def post(name: str, bulk_id: str, path: str = "/Users", **data: Any) -> dict[str, Any]:
    named = {"userName" if path == "/Users" else "displayName": name, **data}
    return {"method": "POST", "path": path, "bulkId": bulk_id, "data": named}


def test_operations_go_in_their_order_and_only_those_that_wait_go_later(scim: Scim) -> None:
    operations = [
        post("sales", "g", "/Groups", members=[{"value": "bulkId:kim"}]),
        post("kim", "kim"),
        post("crew", "c", "/Groups", members=[{"value": "bulkId:kim"}]),
        post("KIM", "again"),
        post("lee", "lee"),
    ]

    answer = scim("POST", "/Bulk", {"failOnErrors": 1, "Operations": operations})

    told = [(one["bulkId"], one["status"]) for one in answer.body["Operations"]]
    assert told == [("g", "201"), ("kim", "201"), ("c", "201"), ("again", "409")]


def test_new_users_that_go_together_are_each_answered_for_themselves(scim: Scim) -> None:
    scim.make_user("taken")
    weak = post("weak", "w", password="short")
    operations = [post("kim", "k"), post("KIM", "2"), post("", "3"), weak, post("taken", "t")]
    operations += [
        post("lee", "l"),
        post("crew", "c", "/Groups", members=[{"value": "bulkId:l"}]),
    ]

    told = scim("POST", "/Bulk", {"Operations": operations}).body["Operations"]

    assert [one["status"] for one in told] == ["201", "409", "400", "400", "409", "201", "201"]
    assert [one["bulkId"] for one in told] == ["k", "2", "3", "w", "t", "l", "c"]
    types = [one["response"]["scimType"] for one in told if "response" in one]
    assert types == ["uniqueness", "invalidValue", "invalidValue", "uniqueness"]
    for made in (told[0], told[5]):
        read = scim("GET", made["location"].removeprefix(f"{HOST}/scim2"))
        assert (read.status, read.headers["ETag"]) == (200, made["version"])


def test_every_answer_but_that_of_a_failed_post_says_where_the_resource_is(scim: Scim) -> None:
    kim = scim.make_user()["meta"]["location"]
    path = f"/Users/{kim.rpartition('/')[2]}"
    operations = [
        {"method": "PATCH", "path": path, "data": {}},
        {"method": "DELETE", "path": path},
        {"method": "DELETE", "path": path},
        post("", "x"),
    ]

    told = scim("POST", "/Bulk", {"Operations": operations}).body["Operations"]

    assert [one["status"] for one in told] == ["400", "204", "404", "400"]
    assert [one.get("location") for one in told] == [kim, kim, kim, None]


def reports_to(name: str, bulk_id: str, manager: str, **data: Any) -> dict[str, Any]:
    return post(name, bulk_id, **data, **{ENTERPRISE: {"manager": {"value": manager}}})


def test_references_in_a_circle_are_brought_in_when_all_are_made(scim: Scim) -> None:
    operations = [
        post("crew", "c", "/Groups", members=[{"value": "bulkId:k"}, {"value": "bulkId:l"}]),
        reports_to("kim", "k", "bulkId:l", password="a-long-pass-phrase-7"),
        reports_to("lee", "l", "bulkId:m"),
        reports_to("max", "m", "bulkId:k"),
        reports_to("own", "o", "bulkId:o"),
        {"method": "PATCH", "path": "/Users/bulkId:k", "data": {"Operations": [TITLE]}},
    ]

    told = scim("POST", "/Bulk", {"failOnErrors": 1, "Operations": operations}).body

    results = told["Operations"]
    assert [one["status"] for one in results] == ["201"] * 5 + ["200"]
    made = [scim("GET", one["location"].removeprefix(f"{HOST}/scim2")).body for one in results]
    crew, kim, lee, most, own, _ = made
    for user, manager in ((kim, lee), (lee, most), (most, kim), (own, own)):
        assert user[ENTERPRISE]["manager"]["value"] == manager["id"]
    assert {one["value"] for one in crew["members"]} == {kim["id"], lee["id"]}
    assert [one["version"] for one in results[2:5]] == [
        one["meta"]["version"] for one in (lee, most, own)
    ]
    assert User.objects.get(username="kim").password


def test_who_cannot_be_completed_is_taken_back(scim: Scim) -> None:
    operations = [
        reports_to("kim", "k", "bulkId:l"),
        reports_to("", "l", "bulkId:k"),
        post("one", "1", "/Groups", members=[{"value": "bulkId:2"}]),
        post("two", "2", "/Groups", members=[{"value": "bulkId:1"}]),
    ]

    told = scim("POST", "/Bulk", {"Operations": operations}).body["Operations"]

    assert [one["status"] for one in told] == ["409", "400", "409", "400"]
    assert "'l'" in told[0]["response"]["detail"]
    assert "location" not in told[0]
    assert not User.objects.exists()
    assert not Group.objects.exists()


def test_a_circle_that_is_left_half_done_is_taken_back(scim: Scim) -> None:
    operations = [
        reports_to("kim", "k", "bulkId:l"),
        reports_to("", "x", "bulkId:k"),
        reports_to("lee", "l", "bulkId:k"),
    ]

    answer = scim("POST", "/Bulk", {"failOnErrors": 1, "Operations": operations})

    assert [one["status"] for one in answer.body["Operations"]] == ["409", "400"]
    assert not User.objects.exists()


def test_a_reference_to_one_of_several_is_refused_before_anything_is_done(scim: Scim) -> None:
    operations = [post("kim", "x"), post("lee", "x"), reports_to("max", "m", "bulkId:x")]

    answer = scim("POST", "/Bulk", {"Operations": operations})

    assert answer.status == 400
    assert "bulkId: 'x'" in answer.body["detail"]
    assert not User.objects.exists()
    told = scim("POST", "/Bulk", {"Operations": operations[:2]}).body["Operations"]
    assert [one["status"] for one in told] == ["201", "201"]


@pytest.mark.parametrize(
    "path", ["", "/", "/Users/.search", "/Groups/.search", "/Bulk", "/Me", "/Schemas", "//"]
)
def test_what_is_no_change_of_a_resource_is_not_found(scim: Scim, path: str) -> None:
    operations = [{**post("kim", "x"), "path": path}, post("lee", "l")]

    told = scim("POST", "/Bulk", {"Operations": operations}).body["Operations"]

    assert [one["status"] for one in told] == ["404", "201"]


@pytest.mark.parametrize("schemas", [None, 5, "urn:x", {}, [5]])
def test_strict_refuses_whatever_does_not_name_its_schema(
    scim: Scim, resident: ServiceProvider, schemas: Any
) -> None:
    path = f"/Users/{scim.make_user()['id']}"
    resident.strict = True
    resident.save()

    for method, where in (
        ("POST", "/Users"),
        ("POST", "/Groups"),
        ("PATCH", path),
        ("POST", "/Bulk"),
        ("POST", "/.search"),
    ):
        answer = scim(method, where, {"schemas": schemas})
        assert answer.status == 400
        assert "schemas" in answer.body["detail"]
