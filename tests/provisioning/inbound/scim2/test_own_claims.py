"""A tenant's own claims as attributes of its users."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from idp import local_claims
from idp.indexing import SETTLES, index_claims
from idp.models import Tenant, User
from serviceproviders.models import ServiceProvider
from tests.factories import make_claim, make_operator
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db
CUSTOM = "urn:purveyor:custom:User"
ACME = "urn:acme:params:User"


@pytest.fixture(autouse=True)
def _claims(tenant: Tenant) -> None:
    make_claim(tenant, searchable=True)
    make_claim(tenant, "floor", type="integer", searchable=True)
    make_claim(tenant, "remote", type="boolean", path=f"{ACME}:remote")
    make_claim(tenant, "tags", multivalued=True, path=f"{ACME}:tags", description="Labels.")


def later() -> None:
    index_claims(timezone.now() + SETTLES + timedelta(seconds=1))


def by_name(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {attribute["name"]: attribute for attribute in document["attributes"]}


def test_schemas_and_resource_types_tell_them_in_their_tenant_only(
    scim: Scim, other_tenant: Tenant
) -> None:
    custom = by_name(scim("GET", f"/Schemas/{CUSTOM}").body)
    acme = scim("GET", f"/Schemas/{ACME}").body
    users = scim("GET", "/ResourceTypes/User").body

    assert custom["badge"]["type"] == custom["gender"]["type"] == "string"
    assert by_name(acme)["tags"] == {
        "name": "tags",
        "type": "string",
        "multiValued": True,
        "description": "Labels.",
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
    }
    assert {"schema": ACME, "required": False} in users["schemaExtensions"]
    there = Scim(scim.http, base=f"/t/{other_tenant.domain}/scim2")
    assert there("GET", f"/Schemas/{ACME}").status == 404
    assert "badge" not in by_name(there("GET", f"/Schemas/{CUSTOM}").body)


def test_they_are_written_and_read_with_their_types(scim: Scim) -> None:
    kim = scim.make_user(
        "kim",
        **{CUSTOM: {"badge": "17", "floor": 3}, ACME: {"remote": True, "tags": ["a", "b"]}},
    )
    assert kim[CUSTOM] == {"badge": "17", "floor": 3}
    assert kim[ACME] == {"remote": True, "tags": ["a", "b"]}
    assert {CUSTOM, ACME} <= set(kim["schemas"])

    patched = scim.patch(
        f"/Users/{kim['id']}",
        {"op": "replace", "path": f"{CUSTOM}:badge", "value": "18"},
        {"op": "add", "path": f"{ACME}:tags", "value": ["c"]},
        {"op": "remove", "path": f"{ACME}:remote"},
    )
    assert (patched.body[CUSTOM]["badge"], patched.body[ACME]) == (
        "18",
        {"tags": ["a", "b", "c"]},
    )
    asked = scim("GET", f"/Users/{kim['id']}", params={"attributes": f"{CUSTOM}:floor"})
    assert asked.body[CUSTOM] == {"floor": 3}


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({CUSTOM: {"floor": "third"}}, f"{CUSTOM}:floor"),
        ({ACME: {"remote": "perhaps"}}, f"{ACME}:remote"),
        ({ACME: {"tags": [{"value": "a"}]}}, f"{ACME}:tags"),
        ({ACME: "x"}, ACME),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(
    scim: Scim, attributes: dict[str, Any], said: str
) -> None:
    answer = scim("POST", "/Users", {"userName": "kim", **attributes})

    assert (answer.status, answer.body["scimType"]) == (400, "invalidValue")
    assert said in answer.body["detail"]
    assert not User.objects.exists()


def test_unknown_attributes_are_passed_over_or_refused_as_everywhere(
    scim: Scim, resident: ServiceProvider
) -> None:
    body = {"userName": "kim", CUSTOM: {"badge": "17", "bagde": "18"}}
    kim = scim("POST", "/Users", body).body
    assert kim[CUSTOM] == {"badge": "17"}
    path = {"op": "add", "path": f"{CUSTOM}:bagde", "value": "18"}
    assert scim.patch(f"/Users/{kim['id']}", path).body["scimType"] == "invalidPath"
    assert (
        scim("GET", "/Users", params={"filter": f'{CUSTOM}:bagde eq "1"'}).body["scimType"]
        == "invalidFilter"
    )

    resident.strict = True
    resident.save()
    core = "urn:ietf:params:scim:schemas:core:2.0:User"
    strict = scim("POST", "/Users", {**body, "schemas": [core], "userName": "lee"})
    assert strict.status == 400
    assert "bagde" in strict.body["detail"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f'{CUSTOM}:badge eq "17"', ["kim"]),
        (f'{CUSTOM}:badge eq "B"', ["lee"]),
        (f'{CUSTOM}:badge sw "1"', ["kim", "max"]),
        (f"{CUSTOM}:badge pr", ["kim", "lee", "max"]),
        (f'{CUSTOM}:badge ne "17"', ["lee", "max", "ann"]),
        (f"{CUSTOM}:floor eq 3", ["kim"]),
        (f"{CUSTOM}:floor eq 3.0", ["kim"]),
        (f"{CUSTOM}:floor gt 3", ["lee"]),
        (f"{ACME}:remote eq true", ["kim"]),
        (f'{ACME}:tags eq "b"', ["kim", "lee"]),
        (f'{CUSTOM}:badge eq "17" and {CUSTOM}:floor eq 3', ["kim"]),
    ],
)
def test_filters_find_the_same_before_and_after_they_are_indexed(
    scim: Scim, text: str, names: list[str]
) -> None:
    scim.make_user(
        "kim",
        **{CUSTOM: {"badge": "17", "floor": 3}, ACME: {"remote": True, "tags": ["a", "b"]}},
    )
    scim.make_user("lee", **{CUSTOM: {"badge": "b", "floor": 10}, ACME: {"tags": ["B"]}})
    scim.make_user("max", **{CUSTOM: {"badge": "170"}})
    scim.make_user("ann")

    assert scim.found(text) == names
    later()
    assert scim.found(text) == names


def test_a_filter_on_a_searchable_one_is_an_index_look_up(scim: Scim, tenant: Tenant) -> None:
    for number in range(30):
        scim.make_user(f"u{number}", **{CUSTOM: {"badge": str(number)}})
    later()

    def statements() -> list[str]:
        with CaptureQueriesContext(connection) as caught:
            assert scim.found(f'{CUSTOM}:badge eq "7"') == ["u7"]
        return [query["sql"] for query in caught.captured_queries]

    statements()
    found = statements()
    people = [sql for sql in found if "idp_searchvalue" in sql]
    assert people
    assert all("LIMIT" in sql or "COUNT" in sql for sql in people)
    assert [sql for sql in found if "idp_localclaim" in sql] == []
    for number in range(30, 60):
        scim.make_user(f"u{number}", **{CUSTOM: {"badge": str(number)}})
    assert len(statements()) == len(found)


def test_a_new_claim_counts_at_once(scim: Scim, tenant: Tenant, client: Client) -> None:
    body = {"userName": "kim", CUSTOM: {"shoe": "42"}}
    assert CUSTOM not in scim("POST", "/Users", body).body

    claim = make_claim(tenant, "shoe")
    lee = scim.make_user("lee", **{CUSTOM: {"shoe": "42"}})
    assert lee[CUSTOM] == {"shoe": "42"}

    local_claims.delete(claim)
    # The value stays where it is; nobody can write another.
    assert scim("GET", f"/Users/{lee['id']}").body[CUSTOM] == {"shoe": "42"}
    path = {"op": "add", "path": f"{CUSTOM}:shoe", "value": "43"}
    assert scim.patch(f"/Users/{lee['id']}", path).status == 400


def test_each_tenant_has_its_own(scim: Scim, other_tenant: Tenant, client: Client) -> None:
    make_claim(other_tenant, "badge", type="integer")
    make_operator(other_tenant, "pam")
    there = Scim(client, f"/t/{other_tenant.domain}/scim2", basic("pam", "letmein-123"))

    assert scim.make_user("kim", **{CUSTOM: {"badge": "x"}})[CUSTOM] == {"badge": "x"}
    assert there.make_user("kim", **{CUSTOM: {"badge": 5}})[CUSTOM] == {"badge": 5}
    refused = there("POST", "/Users", {"userName": "lee", CUSTOM: {"badge": "x"}})
    assert refused.body["scimType"] == "invalidValue"
    assert scim.found(f'{CUSTOM}:badge eq "x"') == ["kim"]
    assert there.found(f"{CUSTOM}:badge eq 5") == ["kim"]
