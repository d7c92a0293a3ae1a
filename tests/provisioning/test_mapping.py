from __future__ import annotations

import uuid
from typing import Any

import pytest

from connectors import EntityType
from connectors.scim.v1 import Scim1Connector
from connectors.scim.v2 import Scim2Connector
from idp.claims import DIALECT
from idp.models import ClaimMapping, IdentityProvider, OutboundConnector, Tenant
from provisioning import gates, mapping, mapping_trials
from provisioning.mapping import Unmappable
from provisioning.planning import Kind, judge
from provisioning.subjects import Subject
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import make_claim, make_connector, send_to

TITLE = DIALECT + "title"
NOBODY = uuid.UUID(int=7)


def person(tenant: Tenant, **more: Any) -> Subject:
    values: dict[str, Any] = {
        "type": EntityType.USER,
        "id": NOBODY,
        "name": "STAFF/kim",
        "version": 1,
        "store": "STAFF",
        "document": {"title": "Engineer", "name": {"givenName": "Kim"}},
        "groups": frozenset({"STAFF/sales", "Internal/admin"}),
    }
    return Subject(tenant=tenant, **{**values, **more})


def connector(
    tenant: Tenant, *rows: dict[str, Any], type: str = "scim2", **provider: Any
) -> OutboundConnector:
    """One whose identity provider has these rows; nothing is stored."""
    made = IdentityProvider(tenant=tenant, name="partner", claim_dialect="custom", **provider)
    made.claim_rows = [ClaimMapping(order=n, **row) for n, row in enumerate(rows)]
    made.remote_roles = {"staff/sales": "Sales", "internal/admin": "Admins"}
    return OutboundConnector(provider=made, type=type)


def attributes(tenant: Tenant, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    found, _ = mapping.attributes_for(person(tenant), connector(tenant, *rows, **more))
    return found


def test_the_example_of_the_configuration_file(tenant: Tenant) -> None:
    text = "claims['http://wso2.org/claims/title'] + ' (' + store + ')'"

    assert attributes(tenant, {"remote": "title", "expression": text}) == {
        "title": "Engineer (STAFF)"
    }


def test_everything_that_is_in_scope(tenant: Tenant) -> None:
    text = "[username, store, tenant, idp] + groups"

    assert attributes(tenant, {"remote": "x", "expression": text}, type="flat") == {
        "x": ["kim", "STAFF", "carbon.super", "partner", "Internal/admin", "STAFF/sales"]
    }


def test_a_default_takes_the_place_of_no_value_and_of_an_empty_one(tenant: Tenant) -> None:
    missing = f"claims['{DIALECT}nickname'] + '!'"
    rows = (
        {"remote": "a", "local": DIALECT + "nickname", "default": "none"},
        {"remote": "b", "expression": missing, "default": "none"},
        {"remote": "c", "expression": "''", "default": "none"},
        {"remote": "d", "expression": missing},
        {"remote": "e", "expression": "null"},
    )

    assert attributes(tenant, *rows) == {"a": "none", "b": "none", "c": "none"}


def test_create_only_works_with_expressions(tenant: Tenant) -> None:
    row = {"remote": "nickName", "expression": "username", "create_only": True}

    assert mapping.attributes_for(person(tenant), connector(tenant, row)) == (
        {},
        {"nickName": "kim"},
    )


def test_types_are_kept_in_scim_and_are_texts_elsewhere(tenant: Tenant) -> None:
    rows = (
        {"remote": "flag", "expression": "size(groups) > 1"},
        {"remote": "count", "expression": "size(groups)"},
        {"remote": "list", "expression": "[true, false]"},
        {"remote": "off", "expression": "size(groups) > 5"},
    )

    assert attributes(tenant, *rows) == {
        "flag": True,
        "count": 2,
        "list": [True, False],
        "off": False,
    }
    assert attributes(tenant, *rows, type="flat") == {
        "flag": "true",
        "count": "2",
        "list": ["true", "false"],
        "off": "false",
    }


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("emails", {"emails": [{"value": "Kim", "primary": True}]}),
        ("emails.work", {"emails": [{"value": "Kim", "type": "work"}]}),
        ('emails[type eq "work"].value', {"emails": [{"value": "Kim", "type": "work"}]}),
        ("addresses.locality", {"addresses": [{"locality": "Kim", "primary": True}]}),
        (
            'addresses[type eq "home"].country',
            {"addresses": [{"country": "Kim", "type": "home"}]},
        ),
        ("urn:x:User:badge", {"urn:x:User": {"badge": "Kim"}}),
    ],
)
def test_remote_names_are_paths_in_scim(
    tenant: Tenant, path: str, document: dict[str, Any]
) -> None:
    made = attributes(tenant, {"remote": path, "local": DIALECT + "givenname"})

    assert made == document
    assert mapping.pick(made, {path: ""}, Scim2Connector.dialect) == {path: "Kim"}


OF_1 = "urn:scim:schemas:extension:enterprise:1.0"
OF_2 = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
WSO2 = "urn:scim:schemas:extension:wso2:1.0"


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("emails.work", {"emails": [{"value": "Kim", "type": "work"}]}),
        ("addresses.region", {"addresses": [{"region": "Kim", "primary": True}]}),
        ("timeZone", {"timezone": "Kim"}),
        (f"{OF_1}:department", {OF_1: {"department": "Kim"}}),
        (f"{OF_1}:manager.managerId", {OF_1: {"manager": {"managerId": "Kim"}}}),
        (f"{OF_2}:department", {OF_1: {"department": "Kim"}}),
        (f"{OF_2}:manager.value", {OF_1: {"manager": {"managerId": "Kim"}}}),
        (f"{WSO2}:department", {WSO2: {"department": "Kim"}}),
    ],
)
def test_paths_of_either_version_lead_into_scim_1(
    tenant: Tenant, path: str, document: dict[str, Any]
) -> None:
    row = {"remote": path, "local": DIALECT + "givenname"}
    made = attributes(tenant, row, type="scim")
    once, create_only = mapping.attributes_for(
        person(tenant), connector(tenant, {**row, "create_only": True}, type="scim")
    )

    assert made == document
    assert mapping.pick(made, {path: ""}, Scim1Connector.dialect) == {path: "Kim"}
    assert once == {}
    assert mapping.merge({}, create_only, Scim1Connector.dialect) == document


def test_without_rows_scim_1_is_told_the_person_in_its_own_names(tenant: Tenant) -> None:
    there = connector(tenant, type="scim")
    there.provider.claim_dialect = "local"
    subject = person(tenant, document={"title": "X", OF_2: {"department": "Sales"}})

    assert mapping.attributes_for(subject, there) == (
        {"title": "X", OF_1: {"department": "Sales"}},
        {},
    )
    assert subject.document == {"title": "X", OF_2: {"department": "Sales"}}


def test_claims_of_the_tenants_own_are_mapped(tenant: Tenant) -> None:
    make_claim(tenant)
    document = {"urn:purveyor:custom:User": {"badge": "17"}}
    rows = (
        {"remote": "a", "local": DIALECT + "badge"},
        {"remote": "b", "expression": f"'B' + claims['{DIALECT}badge']"},
    )

    found = mapping.attributes_for(person(tenant, document=document), connector(tenant, *rows))

    assert found == ({"a": "17", "b": "B17"}, {})


def test_roles_that_are_sent_are_called_as_there(tenant: Tenant) -> None:
    rows = (
        {"remote": "roles", "local": DIALECT + "role"},
        {"remote": "memberOf", "expression": "groups.filter(g, g.startsWith('STAFF/'))"},
        {"remote": "raw", "expression": "groups"},
    )
    subject = person(tenant)

    there = connector(tenant, *rows, type="flat", role_claim="memberOf")
    assert mapping.attributes_for(subject, there)[0] == {
        "roles": ["Admins", "Sales"],
        "memberOf": ["Sales"],
        "raw": ["Internal/admin", "STAFF/sales"],
    }
    assert subject.groups == {"STAFF/sales", "Internal/admin"}


@pytest.mark.parametrize(
    ("unmapped", "names"), [("keep", ["Internal/admin", "Sales"]), ("drop", ["Sales"])]
)
@pytest.mark.parametrize("dialect", ["custom", "local"])
def test_roles_without_a_mapping_are_kept_or_dropped(
    tenant: Tenant, unmapped: str, names: list[str], dialect: str
) -> None:
    row = {"remote": DIALECT + "role", "local": DIALECT + "role"}
    there = connector(tenant, row, type="flat", unmapped_roles=unmapped)
    there.provider.claim_dialect = dialect
    there.provider.remote_roles = {"staff/sales": "Sales"}

    assert mapping.attributes_for(person(tenant), there)[0][DIALECT + "role"] == names


def test_a_group_has_no_attributes_of_people(tenant: Tenant) -> None:
    group = person(tenant, type=EntityType.GROUP, name="sales", document={}, groups=frozenset())
    rows = (
        {"remote": "userType", "constant": "partner"},
        {"remote": "x", "expression": "1 / 0 == 1"},
    )

    assert mapping.attributes_for(group, connector(tenant, *rows)) == ({}, {})


def stored(resident: ServiceProvider, *expressions: str, **columns: Any) -> OutboundTarget:
    """A row that leads to an identity provider with these expressions."""
    settings = {"user_endpoint": "http://127.0.0.1:9/Users", "authentication": "none"}
    made = make_connector(resident.tenant, settings)
    for name, value in {"claim_dialect": "custom", **columns}.items():
        setattr(made.provider, name, value)
    for number, text in enumerate(expressions):
        made.provider.claim_mappings.create(remote=f"x{number}", order=number, expression=text)
    return send_to(resident, made)


def test_one_expression_without_an_answer_holds_everything_back(
    tenant: Tenant, resident: ServiceProvider
) -> None:
    row = stored(resident, "username", "username.substring(0, 8)")

    with pytest.raises(Unmappable, match=r"claim mapping row 2 \(x1\): "):
        mapping.payload(person(tenant), row.connector)
    verdict = judge(person(tenant), row.connector, row, None, "console")

    assert (verdict.kind, verdict.unmappable, verdict.payload) == (Kind.SKIP, True, {})
    assert verdict.reason.startswith("claim mapping row 2 (x1): ")
    assert verdict.gates[-1] == gates.Gate("mapping", False, verdict.reason)
    assert all(gate.ok for gate in verdict.gates[:-1])


def test_who_is_not_entitled_is_told_that_and_not_about_the_mapping(
    tenant: Tenant, resident: ServiceProvider
) -> None:
    row = stored(resident, "1 / 0 == 1", enabled=False)

    verdict = judge(person(tenant), row.connector, row, None, "console")

    assert verdict.reason == "identity provider partner is disabled"
    assert not verdict.unmappable


def test_inputs_that_are_too_large_are_said_to_be(tenant: Tenant) -> None:
    there = connector(tenant, {"remote": "x", "expression": "store"})
    long = person(tenant, document={"title": "x" * 70_000})

    with pytest.raises(Unmappable, match=f"the claim {TITLE} is too large"):
        mapping.payload(long, there)


def test_a_trial_shows_every_row_and_masks_secrets(tenant: Tenant) -> None:
    key = DIALECT + "identity/secretkey"
    rows: list[dict[str, Any]] = [
        {"remote": "a", "local": TITLE},
        {"remote": "b", "expression": f"claims['{key}'] + claims['{TITLE}']"},
        {"remote": "c", "expression": "1 / 0"},
        {"remote": "d", "constant": "x"},
        {"remote": "e", "expression": "oops("},
    ]
    provider = IdentityProvider(tenant=tenant, name="partner", claim_dialect="custom")
    provider.save()
    document = {"title": "Boss", "urn:purveyor:custom:User": {"totpSecretkey": "SESAME"}}
    subject = person(tenant, document=document)

    trial = mapping_trials.run(subject, provider, [(ClaimMapping(**row), "") for row in rows])

    assert "SESAME" not in str(trial)
    assert [line.value for line in trial.lines] == ["Boss", "•••••Boss", None, "x", None]
    assert [bool(line.problem) for line in trial.lines] == [False, False, True, False, True]
    assert trial.lines[1].inputs == [(key, "•••••"), (TITLE, "Boss")]
    assert subject.document is document
    assert document["urn:purveyor:custom:User"] == {"totpSecretkey": "SESAME"}
