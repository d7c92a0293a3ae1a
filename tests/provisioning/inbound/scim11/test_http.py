"""HTTP around the SCIM 1.1 door: who may, what is where, and in which format."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest
from django.test import Client

from idp.models import Tenant
from provisioning.inbound.scim11 import formats, words
from serviceproviders.models import ServiceProvider
from tests.factories import make_operator
from tests.provisioning.inbound.calls import basic, make_client
from tests.provisioning.inbound.scim11.conftest import (
    CORE,
    ENTERPRISE,
    WSO2,
    Scim1,
    described,
)


def test_without_credentials_nobody_gets_in(scim: Scim1) -> None:
    for credentials in ({}, basic("ops", "wrong"), {"Authorization": "Bearer x"}):
        scim.credentials = credentials
        answer = scim("GET", "/Users")
        assert answer.status == 401
        assert "realm=" in answer.headers["WWW-Authenticate"]
        assert described(answer)


def test_an_operator_who_may_not_use_doors_is_403(client: Client, tenant: Tenant) -> None:
    make_operator(tenant, use_doors=False)

    answer = Scim1(client, credentials=basic())("GET", "/Users")

    assert answer.status == 403
    assert "doors" in described(answer)


def test_a_bearer_token_acts_for_its_service_provider(client: Client, tenant: Tenant) -> None:
    portal = ServiceProvider.objects.create(tenant=tenant, name="hr-portal")
    make_client(portal)
    answer = client.post(
        "/oauth2/token",
        {"grant_type": "client_credentials"},
        headers=basic("hr-portal", "hr-secret-123"),
    )
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    assert (
        Scim1(client, credentials=bearer)("POST", "/Users", {"userName": "kim"}).status == 201
    )


@pytest.mark.parametrize(
    "path", ["", "/", "/Foo", "/Users/x/y", "/Users/me", "/.search", "/Schemas/x", "/Users//"]
)
def test_unknown_addresses_are_404_with_a_body(scim: Scim1, path: str) -> None:
    answer = scim("GET", path)

    assert answer.status == 404
    assert "not found" in described(answer)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/Users", "GET, POST"),
        ("PUT", "/Groups", "GET, POST"),
        ("POST", "/Users/x", "GET, PUT, PATCH, DELETE"),
        ("GET", "/Bulk", "POST"),
        ("POST", "/ServiceProviderConfigs", "GET"),
        ("OPTIONS", "/Users", "GET, POST"),
    ],
)
def test_other_methods_are_405_and_say_what_is_allowed(
    scim: Scim1, method: str, path: str, allowed: str
) -> None:
    answer = scim(method, path, {})

    assert (answer.status, answer.headers["Allow"]) == (405, allowed)
    assert method in described(answer)


def test_a_post_may_say_in_a_header_what_it_means(scim: Scim1) -> None:
    path = f"/Users/{scim.make_user()['id']}"

    patched = scim("POST", path, {"title": "Lead"}, X_HTTP_Method_Override="PATCH")
    assert (patched.status, patched.body["title"]) == (200, "Lead")
    assert scim("POST", path, X_HTTP_Method_Override="DELETE").status == 200
    assert scim("GET", path).status == 404


def test_bodies_that_cannot_be_read(scim: Scim1) -> None:
    assert "JSON" in described(scim("POST", "/Users", raw=b"{"))
    other = scim("POST", "/Users", raw=b"x", content_type="text/plain")
    assert (other.status, "Content-Type" in described(other)) == (415, True)
    large = scim("POST", "/Users", raw=b" " * (5 * 1024 * 1024 + 1))
    assert (large.status, "larger" in described(large)) == (413, True)


def test_what_the_door_can_do_is_open_to_everybody(client: Client, tenant: Tenant) -> None:
    anybody = Scim1(client)

    config = anybody("GET", "/ServiceProviderConfigs").body

    assert config["schemas"] == [CORE]
    for feature in ("patch", "bulk", "filter", "changePassword", "sort", "etag"):
        assert config[feature]["supported"] is True
    assert config["xmlDataFormat"] == {"supported": True}
    assert config["bulk"]["maxOperations"] == 1_000
    assert config["filter"]["maxResults"] == 1_000
    schemes = [scheme["type"] for scheme in config["authenticationSchemes"]]
    assert schemes == ["oauthbearertoken", "httpbasic"]
    assert "specUrl" in config["authenticationSchemes"][0]
    stranger = Scim1(client, "/t/no.such.tenant/wso2/scim")
    assert stranger("GET", "/ServiceProviderConfigs").status == 404


def test_schemas_tell_of_core_and_extensions(client: Client, tenant: Tenant) -> None:
    anybody = Scim1(client)

    listed = anybody("GET", "/Schemas").body
    user = anybody("GET", "/Schemas/Users").body

    assert [one["name"] for one in listed["Resources"]] == ["User", "Group"]
    assert user == listed["Resources"][0]
    assert anybody("GET", f"/Schemas/{CORE}:User").body == user
    found = {(one["schema"], one["name"]): one for one in user["attributes"]}
    assert len(found) == len(user["attributes"])
    assert found[CORE, "emails"]["multiValuedAttributeChildName"] == "email"
    assert found[CORE, "groups"]["readOnly"] is True
    assert found[CORE, "userName"]["required"] is True
    manager = found[ENTERPRISE, "manager"]
    assert [sub["name"] for sub in manager["subAttributes"]] == ["managerId", "displayName"]
    assert {(WSO2, "askPassword"), (WSO2, "verifyEmail"), (WSO2, "department")} <= found.keys()
    assert "$ref" not in str(listed)
    assert "2.0" not in str({key for key, _ in found})


def test_the_format_is_that_of_the_suffix_or_of_accept(scim: Scim1) -> None:
    kim = f"/Users/{scim.make_user()['id']}"

    def type_of(path: str, accept: str | None = None) -> str:
        headers = {**(scim.credentials or {}), **({"Accept": accept} if accept else {})}
        answer = scim.http.get(f"/wso2/scim{path}", headers=headers)
        assert answer.status_code == 200
        return answer.headers["Content-Type"]

    for path in (kim, "/Users", "/Schemas", "/ServiceProviderConfigs", "/Schemas/Users"):
        assert type_of(path) == "application/json"
        assert type_of(path, "*/*") == "application/json"
        assert type_of(path, "text/html") == "application/json"
        assert type_of(path, "application/json, application/xml;q=0.5") == "application/json"
        assert type_of(path, "application/json;q=0.5, application/xml") == "application/xml"
        assert type_of(path, "text/xml, */*;q=0.1") == "application/xml"
        assert type_of(f"{path}.xml") == "application/xml"
        assert type_of(f"{path}.json", "application/xml") == "application/json"


@pytest.mark.parametrize("module", [formats, words])
def test_examples_in_docstrings_hold(module: ModuleType) -> None:
    result = doctest.testmod(module)

    assert result.attempted
    assert not result.failed
