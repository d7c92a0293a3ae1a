"""What `/Bulk` answers, and in which order it works (RFC 7644 §3.7)."""

from __future__ import annotations

from typing import Any

import pytest

from serviceproviders.models import ServiceProvider
from tests.provisioning.inbound.scim2.conftest import Scim


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
