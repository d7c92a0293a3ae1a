"""Many operations in one request."""

from __future__ import annotations

from typing import Any

from idp.models import User
from serviceproviders.models import ServiceProvider
from tests.provisioning.inbound.scim11.conftest import CORE, Scim1, described


def bulk(scim: Scim1, *operations: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    answer = scim("POST", "/Bulk", {"schemas": [CORE], "Operations": operations, **more})
    assert answer.status == 200, answer.body
    assert answer.body["schemas"] == [CORE]
    return list(answer.body["Operations"])


def create(name: str, bulk_id: str, **more: Any) -> dict[str, Any]:
    data = {"schemas": [CORE], "userName": name, **more}
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data}


def test_every_kind_of_operation_with_references(scim: Scim1) -> None:
    lee = scim.make_user("lee")
    group = {
        "method": "POST",
        "path": "/Groups",
        "bulkId": "g",
        "data": {"displayName": "sales", "members": [{"value": "bulkId:k"}]},
    }
    changed = {
        "method": "PATCH",
        "path": f"/Users/{lee['id']}",
        "version": 'W/"1"',
        "data": {"title": "Lead", "meta": {"attributes": ["nickName"]}},
    }
    late = {**changed, "method": "DELETE", "data": None}
    gone = {"method": "DELETE", "path": f"/Users/{lee['id']}", "version": 'W/"2"'}

    told = bulk(scim, group, create("kim", "k"), changed, late, gone)

    codes = [one["status"]["code"] for one in told]
    assert codes == ["201", "201", "200", "412", "200"]
    assert told[0]["bulkId"] == "g"
    assert told[1]["version"] == 'W/"1"'
    assert "version" in told[3]["status"]["description"]
    assert all("/wso2/scim/" in one["location"] for one in told)
    kim = told[1]["location"].rpartition("/")[2]
    group_id = told[0]["location"].rpartition("/")[2]
    held = scim("GET", f"/Groups/{group_id}").body["members"]
    assert [one["value"] for one in held] == [kim]
    assert list(User.objects.values_list("username", flat=True)) == ["kim"]


def test_what_fails_says_why_and_ends_at_the_limit(scim: Scim1) -> None:
    wrong = create("kim", "1", emails=[{"value": 5}])

    told = bulk(scim, wrong, create("kim", "2"), wrong, create("lee", "4"), failOnErrors=2)

    assert [one["status"]["code"] for one in told] == ["400", "201", "400"]
    assert "emails.value" in told[0]["status"]["description"]
    assert "location" not in told[0]


def test_requests_that_cannot_be_read_are_refused(
    scim: Scim1, resident: ServiceProvider
) -> None:
    for body, named in (
        ({}, "Operations"),
        ({"Operations": [5]}, "Operations"),
        ({"Operations": [{"method": "GET"}]}, "method"),
        ({"Operations": [{"method": "POST", "path": "/Users"}]}, "bulkId"),
        ({"Operations": [create("x", "1")], "failOnErrors": "x"}, "failOnErrors"),
    ):
        answer = scim("POST", "/Bulk", body)
        assert answer.status == 400
        assert named in described(answer)
    many = scim("POST", "/Bulk", {"Operations": [create("x", "1")] * 1_001})
    assert (many.status, "1000" in described(many)) == (413, True)
    resident.strict = True
    resident.save()
    assert "schemas" in described(scim("POST", "/Bulk", {"Operations": [create("x", "1")]}))
    assert not User.objects.exists()


def test_unknown_places_within_a_bulk_are_not_found(scim: Scim1) -> None:
    [told] = bulk(scim, {"method": "DELETE", "path": "/Schemas/Users"})

    assert told["status"]["code"] == "404"
