"""What rules are asked: attribute for attribute, as WSO2's policies know them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors import EntityType
from idp.models import IdentityProvider, OutboundConnector, Tenant, new_id
from provisioning.policies import requests as asked
from provisioning.rules import Request
from provisioning.subjects import Subject

pytestmark = pytest.mark.django_db  # a tenant may have claims of its own

NOW = datetime(2026, 5, 4, 21, 30, 5, tzinfo=UTC)
CLAIMS = "http://wso2.org/claims/"
ENVIRONMENT_ID = "urn:oasis:names:tc:xacml:1.0:environment:"


def question(kind: str = "scim2", operation: str = "PUT", **values: Any) -> Request:
    tenant = Tenant(domain="acme.example", time_zone="Asia/Tokyo")
    provider = IdentityProvider(tenant=tenant, name="partner")
    connector = OutboundConnector(provider=provider, type=kind)
    told = {"type": EntityType.USER, "name": "STAFF/kim", "store": "STAFF", **values}
    subject = Subject(tenant=tenant, id=new_id(), version=1, **told)
    return asked.build(subject, connector, "wso2carbon-local-sp", operation, NOW)


def bag(request: Request, category: str, attribute: str, kind: str = "string") -> list[Any]:
    key = (category, attribute, f"http://www.w3.org/2001/XMLSchema#{kind}")
    return list(request.bags.get(key, ()))


def test_every_attribute_is_under_its_own_name() -> None:
    request = question(groups=frozenset({"Internal/b", "Internal/a"}))
    identity = "http://wso2.org/identity/"
    told = {
        (asked.USER, f"{identity}user/user-tenant-domain"): ["acme.example"],
        (asked.USER, f"{identity}user/username"): ["STAFF/kim"],
        (asked.SP, f"{identity}sp/sp-name"): ["wso2carbon-local-sp"],
        (asked.SP, f"{identity}auth/sp-tenant-domain"): ["acme.example"],
        (asked.IDP, f"{identity}idp/idp-name"): ["partner"],
        (asked.IDP, f"{identity}idp/connector-type"): ["scim2", "SCIM2"],
        (asked.ACTION, f"{identity}identity-action/action-name"): ["provisioning"],
        (asked.PROVISIONING, f"{identity}provisioning/provision-operation"): ["PUT"],
        (asked.PROVISIONING, f"{identity}provisioning/claim-group"): [
            "Internal/a",
            "Internal/b",
        ],
        (asked.USER, f"{CLAIMS}role"): ["Internal/a", "Internal/b"],
        (asked.USER, f"{CLAIMS}roles"): ["Internal/a", "Internal/b"],
        (asked.ENVIRONMENT, f"{ENVIRONMENT_ID}environment-id"): ["acme.example"],
    }
    assert {key: bag(request, *key) for key in told} == told


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("google", ["google", "googleapps"]),
        ("scim2", ["scim2", "SCIM2"]),
        *((name, [name]) for name in ("salesforce", "scim", "spml")),
    ],
)
def test_a_connector_is_known_by_our_name_and_by_wso2s(kind: str, names: list[str]) -> None:
    found = bag(question(kind), asked.IDP, f"{asked.IDP}/connector-type")
    assert found == names


@pytest.mark.parametrize("operation", ["POST", "PUT", "PATCH", "DELETE"])
def test_groups_are_a_bag_on_every_operation(operation: str) -> None:
    request = question(operation=operation, groups=frozenset({"a", "b, c"}))

    found = bag(request, asked.PROVISIONING, f"{asked.PROVISIONING}/claim-group")
    assert found == ["a", "b, c"]


def test_claims_with_several_values_are_bags() -> None:
    addresses = [{"value": "a@acme.example", "type": "home"}, {"value": "b@acme.example"}]
    sealed = [{"value": "vpn"}, {"value": "door"}]
    request = question(document={"emails": addresses, "title": "Lead", "entitlements": sealed})

    assert bag(request, asked.USER, f"{CLAIMS}title") == ["Lead"]
    assert bag(request, asked.USER, f"{CLAIMS}emailaddress") == ["a@acme.example"]
    assert bag(request, asked.USER, f"{CLAIMS}entitlements") == ["vpn", "door"]


def test_the_time_is_the_tenants_typed_and_as_wso2_writes_it() -> None:
    request = question()
    texts = {
        name: bag(request, asked.ENVIRONMENT, ENVIRONMENT_ID + f"current-{name}")
        for name in ("date", "time", "dateTime")
    }
    assert texts == {
        "date": ["2026/05/05"],
        "time": ["06:30:05"],
        "dateTime": ["2026/05/05 06:30:05"],
    }
    for name in texts:
        typed = bag(request, asked.ENVIRONMENT, ENVIRONMENT_ID + f"current-{name}", name)
        assert [moment.offset for moment in typed] == [9 * 60]


def test_a_group_is_asked_about_by_its_own_name() -> None:
    request = question(type=EntityType.GROUP, name="sales", store="PRIMARY")

    assert bag(request, asked.USER, f"{asked.USER}/username") == ["sales"]
    assert bag(request, asked.PROVISIONING, f"{asked.PROVISIONING}/claim-group") == ["sales"]
