"""Conditions, errors, media types, discovery and tenants: everything around the resources."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from idp.models import Tenant
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.provisioning.inbound.calls import basic, make_client
from tests.provisioning.inbound.scim2.conftest import Scim

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def test_if_match_guards_every_write(scim: Scim) -> None:
    user, group = scim.make_user("kim"), scim.make_group("sales")
    change = {"op": "add", "path": "externalId", "value": "1"}
    for path, name in (
        (f"/Users/{user['id']}", "userName"),
        (f"/Groups/{group['id']}", "displayName"),
    ):
        stale = {"If_Match": 'W/"99"'}
        assert scim.patch(path, change, **stale).status == 412
        assert scim("PUT", path, {name: "x"}, **stale).status == 412
        assert scim("DELETE", path, **stale).status == 412
        current = scim("GET", path).headers["ETag"]
        changed = scim.patch(path, change, If_Match=f'"77", {current}')
        assert changed.status == 200
        assert scim("DELETE", path, If_Match=changed.headers["ETag"]).status == 204
        assert scim("DELETE", path, If_Match="*").status == 404


def test_if_none_match_spares_the_body(scim: Scim) -> None:
    made = scim.make_user("kim")
    path = f"/Users/{made['id']}"

    same = scim("GET", path, If_None_Match=made["meta"]["version"])
    other = scim("GET", path, If_None_Match='W/"99"')

    assert (same.status, same.body) == (304, {})
    assert same.headers["ETag"] == made["meta"]["version"]
    assert other.status == 200


@pytest.mark.parametrize("endpoint", ["Users", "Groups"])
def test_if_none_match_keeps_a_change_from_the_version_it_names(
    scim: Scim, endpoint: str
) -> None:
    made = scim.make_user() if endpoint == "Users" else scim.make_group()
    path, version = f"/{endpoint}/{made['id']}", made["meta"]["version"]
    change = {"op": "add", "path": "externalId", "value": "7"}

    for known in (version, "*"):
        assert scim.patch(path, change, If_None_Match=known).status == 412
        assert scim("PUT", path, made, If_None_Match=known).status == 412
        assert scim("DELETE", path, If_None_Match=known).status == 412

    assert scim.patch(path, change, If_None_Match='W/"99"').status == 200
    operations = [{"method": "DELETE", "path": path}]
    bulk = scim("POST", "/Bulk", {"Operations": operations}, If_None_Match="*")
    assert bulk.body["Operations"][0]["status"] == "204"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Nobody", 404),
        ("GET", "/Users/x", 404),
        ("GET", "/Users/x/y", 404),
        ("GET", "//Users", 404),
        ("GET", "/Users%0A", 404),
        ("GET", "/Me", 501),
        ("PATCH", "/Users", 405),
        ("DELETE", "/Users", 405),
        ("POST", "/Users/01a20538-538b-74d1-88ca-fc3b2ea5a9e6", 405),
        ("POST", "/", 405),
        ("GET", "/Users/.search", 405),
        ("GET", "/.search", 405),
        ("GET", "/Bulk", 405),
        ("POST", "/Schemas", 405),
        ("PUT", "/ServiceProviderConfig", 405),
        ("GET", "/Schemas/urn:nobody", 404),
        ("GET", "/ResourceTypes/Nobody", 404),
        ("GET", "/ServiceProviderConfig/x", 404),
        ("GET", "/Schemas?filter=x", 403),
        ("DELETE", "/Users/x", 404),
    ],
)
def test_an_answer_is_always_a_scim_body(
    scim: Scim, method: str, path: str, status: int
) -> None:
    answer = scim(method, path, {} if method in ("POST", "PUT", "PATCH") else None)

    assert answer.status == status
    assert answer.body["schemas"] == [ERROR]
    assert answer.body["status"] == str(status)
    assert answer.body["detail"]
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert (status == 405) is ("Allow" in answer.headers)


@pytest.mark.parametrize("path", ["/Users", "/Groups", "/Bulk", "/.search", "/Users/.search"])
@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b'{"a":NaN}', b"7"]
)
def test_a_body_that_is_no_json_object_is_invalid_syntax(
    scim: Scim, path: str, raw: bytes
) -> None:
    answer = scim("POST", path, raw=raw)

    assert (answer.status, answer.body["scimType"]) == (400, "invalidSyntax")


def test_media_types(scim: Scim) -> None:
    body = json.dumps({"userName": "kim"}).encode()

    assert scim("POST", "/Users", raw=body, content_type="text/xml").status == 415
    plain = scim("POST", "/Users", raw=body, content_type="application/json; charset=utf-8")
    assert plain.status == 201


def test_a_body_of_ten_megabytes_is_too_large(scim: Scim) -> None:
    answer = scim("POST", "/Users", raw=b'"' + b"x" * 10_000_000 + b'"')

    assert (answer.status, answer.body["status"]) == (413, "413")


@pytest.mark.parametrize("path", ["/Users", "/", "/Nobody", "/Me", "/Bulk"])
def test_everything_but_discovery_needs_credentials(
    client: Client, tenant: Tenant, path: str
) -> None:
    for headers in ({}, basic("nobody")):
        answer = Scim(client, credentials=headers)("GET", path)
        assert (answer.status, answer.body["schemas"]) == (401, [ERROR])
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("path", ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"])
def test_discovery_is_open_in_every_tenant_there_is(
    client: Client, other_tenant: Tenant, path: str
) -> None:
    assert Scim(client)("GET", path).status == 200
    assert Scim(client)("GET", f"{path}/").status == 200
    answer = Scim(client, "/t/partner.example/scim2")("GET", path)
    assert "/t/partner.example/scim2/" in json.dumps(answer.body)
    assert Scim(client, "/t/nobody.example/scim2")("GET", path).status == 404


def test_discovery_names_what_there_is(client: Client, tenant: Tenant) -> None:
    scim = Scim(client)

    config = scim("GET", "/ServiceProviderConfig").body
    for feature in ("patch", "bulk", "filter", "changePassword", "sort", "etag"):
        assert config[feature]["supported"] is True
    assert config["pagination"]["cursor"] is True
    schemas = scim("GET", "/Schemas").body
    for schema in schemas["Resources"]:
        assert scim("GET", f"/Schemas/{schema['id']}").body == schema
    for kind in scim("GET", "/ResourceTypes").body["Resources"]:
        assert scim("GET", f"/ResourceTypes/{kind['id']}").body == kind
        assert kind["schema"] in {schema["id"] for schema in schemas["Resources"]}


def test_tenants_do_not_see_each_other(
    scim: Scim, client: Client, other_tenant: Tenant
) -> None:
    make_operator(other_tenant, "kim")
    partner = Scim(client, "/t/partner.example/scim2", basic("kim"))
    ours, theirs = scim.make_user("sam"), partner.make_user("sam")

    assert theirs["meta"]["location"].startswith("http://testserver/t/partner.example/scim2/")
    assert partner("GET", f"/Users/{ours['id']}").status == 404
    assert scim("DELETE", f"/Users/{theirs['id']}").status == 404
    assert scim("GET", "/Users").body["totalResults"] == 1
    assert partner("GET", "/Users").body["totalResults"] == 1
    answer = scim("POST", "/Groups", {"displayName": "g", "members": [theirs["id"]]})
    assert answer.status == 400
    alias = Scim(client, credentials=basic("kim@partner.example"))
    assert alias("GET", f"/Users/{theirs['id']}").status == 200


def test_a_bearer_token_acts_for_its_service_provider(client: Client, tenant: Tenant) -> None:
    portal = ServiceProvider.objects.create(tenant=tenant, name="hr-portal")
    make_client(portal, scopes=("provisioning", "api:read"))

    def scim_with(scope: str) -> Scim:
        form = {"grant_type": "client_credentials", "scope": scope}
        token = client.post(
            "/oauth2/token", form, headers=basic("hr-portal", "hr-secret-123")
        ).json()["access_token"]
        return Scim(client, credentials={"Authorization": f"Bearer {token}"})

    assert scim_with("provisioning").make_user("kim")
    refused = scim_with("api:read")("GET", "/Users")
    assert (refused.status, refused.body["schemas"]) == (403, [ERROR])
    assert 'scope="provisioning"' in refused.headers["WWW-Authenticate"]


def test_locations_follow_the_configured_base_url(scim: Scim, settings: Settings) -> None:
    settings.PURVEYOR_BASE_URL = "https://idp.example"

    made = scim.make_user("kim")

    assert made["meta"]["location"] == f"https://idp.example/scim2/Users/{made['id']}"


def test_the_outcome_of_provisioning_is_in_a_header(
    scim: Scim, tenant: Tenant, resident: ServiceProvider
) -> None:
    settings: dict[str, Any] = {"user_endpoint": "http://127.0.0.1:1/Users"}
    send_to(resident, make_connector(tenant, settings, name="part ner"))

    answer = scim("POST", "/Users", {"userName": "kim"})
    patched = scim.patch(
        f"/Users/{answer.body['id']}", {"op": "add", "path": "title", "value": "Boss"}
    )

    for told in (answer, patched):
        outcome = told.headers["Provisioning-Outcome"]
        assert outcome.startswith("part%20ner/scim2=queued;job=")


def test_a_bulk_request_refers_forwards_and_backwards(scim: Scim) -> None:
    answer = scim(
        "POST",
        "/Bulk",
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                {
                    "method": "POST",
                    "path": "/Groups",
                    "bulkId": "g",
                    "data": {"displayName": "sales", "members": [{"value": "bulkId:u"}]},
                },
                {
                    "method": "POST",
                    "path": "/Users",
                    "bulkId": "u",
                    "data": {"userName": "kim"},
                },
                {
                    "method": "PATCH",
                    "path": "/Users/bulkId:u",
                    "data": {"Operations": [{"op": "add", "path": "title", "value": "Boss"}]},
                },
                {
                    "method": "POST",
                    "path": "/Users",
                    "bulkId": "v",
                    "data": {"userName": "KIM"},
                },
                {"method": "DELETE", "path": "/Users/nobody"},
                {"method": "DELETE", "path": "/Users/bulkId:w"},
                {"method": "POST", "path": "/Nobody", "bulkId": "x", "data": {}},
            ],
        },
    )

    assert answer.status == 200
    told = answer.body["Operations"]
    assert [entry["status"] for entry in told] == [
        "201",
        "201",
        "200",
        "409",
        "404",
        "409",
        "404",
    ]
    assert told[3]["response"]["scimType"] == "uniqueness"
    group = scim("GET", told[0]["location"].removeprefix("http://testserver/scim2")).body
    assert [member["$ref"] for member in group["members"]] == [told[1]["location"]]


def test_a_bulk_request_stops_after_the_errors_it_allows(scim: Scim) -> None:
    operations = [{"method": "DELETE", "path": f"/Users/{n}"} for n in range(5)]

    answer = scim("POST", "/Bulk", {"failOnErrors": 2, "Operations": operations})

    assert len(answer.body["Operations"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"Operations": []},
        {"Operations": [7]},
        {"Operations": [{"method": "GET", "path": "/Users"}]},
        {"Operations": [{"method": "POST", "path": "/Users"}]},
        {"Operations": [{"method": "DELETE", "path": 7}]},
        {"Operations": [{"method": "DELETE", "path": "/x"}], "failOnErrors": "x"},
    ],
    ids=str,
)
def test_a_malformed_bulk_request_is_400(scim: Scim, body: Any) -> None:
    assert scim("POST", "/Bulk", body).status == 400


def test_too_many_bulk_operations_are_413(scim: Scim) -> None:
    operations = [{"method": "DELETE", "path": "/Users/x"}] * 1001

    assert scim("POST", "/Bulk", {"Operations": operations}).status == 413
