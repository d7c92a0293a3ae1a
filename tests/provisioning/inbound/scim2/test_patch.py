from __future__ import annotations

from typing import Any

import pytest

from idp.local_claims import NONE
from idp.models import User
from provisioning.inbound.scim2.errors import ScimError
from provisioning.inbound.scim2.operations import read_operations
from provisioning.inbound.scim2.patch import apply
from provisioning.inbound.scim2.schema import schema_with
from serviceproviders.models import ServiceProvider
from tests.provisioning.inbound.scim2.conftest import Scim

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CUSTOM = "urn:purveyor:custom:User"


def patched(draft: dict[str, Any], *operations: dict[str, Any], strict: bool = False) -> Any:
    draft = {"userName": "kim", "active": True, **draft}
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": list(operations),
    }
    apply(schema_with(NONE), draft, read_operations(body, strict=strict), strict=strict)
    return {k: v for k, v in draft.items() if k not in ("userName", "active")} | (
        {} if draft["active"] else {"active": False}
    )


def op(op: str, path: str | None = None, *value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"op": op}
    if path is not None:
        found["path"] = path
    if value:
        found["value"] = value[0]
    return found


WORK = {"value": "a@x", "type": "work", "primary": True}
HOME = {"value": "b@x", "type": "home"}


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        # simple and complex attributes
        ({}, op("add", "title", "Boss"), {"title": "Boss"}),
        ({"title": "Boss"}, op("replace", "title", "Chief"), {"title": "Chief"}),
        ({"title": "Boss"}, op("remove", "title"), {}),
        ({"title": "Boss"}, op("replace", "title", None), {}),
        ({}, op("remove", "title"), {}),
        ({}, op("Replace", "active", "False"), {"active": False}),
        ({}, op("add", "name.givenName", "K"), {"name": {"givenName": "K"}}),
        (
            {"name": {"givenName": "K"}},
            op("replace", "name", {"familyName": "L"}),
            {"name": {"givenName": "K", "familyName": "L"}},
        ),
        ({"name": {"givenName": "K"}}, op("remove", "name.givenName"), {}),
        ({"name": {"givenName": "K"}}, op("replace", "name", {"givenName": None}), {}),
        ({"name": {"givenName": "K"}}, op("remove", "name"), {}),
        # without a path
        (
            {"title": "Boss"},
            op("replace", None, {"title": "Chief", "name.givenName": "K", "id": "x"}),
            {"title": "Chief", "name": {"givenName": "K"}},
        ),
        (
            {},
            op("Add", None, {'emails[type eq "work"].value': "a@x", "unknown": 1}),
            {"emails": [{"type": "work", "value": "a@x"}]},
        ),
        (
            {},
            op("replace", None, {ENTERPRISE: {"department": "S"}}),
            {ENTERPRISE: {"department": "S"}},
        ),
        (
            {ENTERPRISE: {"costCenter": "1"}},
            op("add", None, {f"{ENTERPRISE}:department": "S"}),
            {ENTERPRISE: {"costCenter": "1", "department": "S"}},
        ),
        # urn paths
        ({}, op("add", f"{ENTERPRISE}:department", "S"), {ENTERPRISE: {"department": "S"}}),
        (
            {ENTERPRISE: {"department": "S"}},
            op("remove", f"{ENTERPRISE}:department"),
            {},
        ),
        (
            {},
            op("add", f"{ENTERPRISE}:manager.value", "7"),
            {ENTERPRISE: {"manager": {"value": "7"}}},
        ),
        (
            {},
            op("add", f"{ENTERPRISE}:manager", "7"),
            {ENTERPRISE: {"manager": {"value": "7"}}},
        ),
        ({ENTERPRISE: {"department": "S"}}, op("remove", ENTERPRISE), {}),
        ({}, op("add", ENTERPRISE, {"department": "S"}), {ENTERPRISE: {"department": "S"}}),
        (
            {},
            op("add", "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", "K"),
            {"name": {"givenName": "K"}},
        ),
        ({}, op("add", f"{CUSTOM}:gender", "17"), {CUSTOM: {"gender": "17"}}),
        (
            {CUSTOM: {"challengeQuestionUris": ["a"]}},
            op("add", f"{CUSTOM}:challengeQuestionUris", ["a", "b"]),
            {CUSTOM: {"challengeQuestionUris": ["a", "b"]}},
        ),
        # several values
        ({"emails": [HOME]}, op("add", "emails", [HOME]), {"emails": [HOME]}),
        ({"emails": [HOME]}, op("add", "emails", [WORK]), {"emails": [HOME, WORK]}),
        ({"emails": [HOME]}, op("add", "emails", WORK), {"emails": [HOME, WORK]}),
        ({"emails": [HOME]}, op("replace", "emails", [WORK]), {"emails": [WORK]}),
        ({"emails": [HOME]}, op("replace", "emails", []), {}),
        ({"emails": [HOME, WORK]}, op("remove", "emails"), {}),
        (
            {"emails": [HOME, WORK]},
            op("remove", "emails", [{"value": "B@x"}]),
            {"emails": [WORK]},
        ),
        # selected values
        (
            {"emails": [HOME, WORK]},
            op("replace", 'emails[type eq "work"].value', "c@x"),
            {"emails": [HOME, {**WORK, "value": "c@x"}]},
        ),
        (
            {"emails": [HOME]},
            op("replace", 'emails[type eq "work" and primary eq true].value', "c@x"),
            {"emails": [HOME, {"type": "work", "primary": True, "value": "c@x"}]},
        ),
        (
            {"emails": [HOME, WORK]},
            op("replace", 'emails[type eq "home"]', {"value": "c@x"}),
            {"emails": [{"type": "home", "value": "c@x"}, WORK]},
        ),
        (
            {"emails": [HOME]},
            op("add", 'emails[type eq "home"]', {"display": "H"}),
            {"emails": [{**HOME, "display": "H"}]},
        ),
        (
            {"emails": [HOME, WORK]},
            op("remove", 'emails[type eq "home" or value sw "b"]'),
            {"emails": [WORK]},
        ),
        (
            {"emails": [HOME]},
            op("remove", 'emails[type eq "home"].type'),
            {"emails": [{"value": "b@x"}]},
        ),
        ({"emails": [HOME]}, op("remove", 'emails[type eq "none"]'), {"emails": [HOME]}),
        ({"emails": [HOME]}, op("remove", 'emails[not (type eq "x")]'), {}),
        ({}, op("add", "emails.value", "a@x"), {"emails": [{"value": "a@x"}]}),
        (
            {"emails": [HOME]},
            op("replace", "emails.type", "other"),
            {"emails": [{**HOME, "type": "other"}]},
        ),
        # the primary value moves
        (
            {"emails": [WORK, HOME]},
            op("add", 'emails[type eq "home"].primary', "True"),
            {"emails": [{**WORK, "primary": False}, {**HOME, "primary": True}]},
        ),
        (
            {"emails": [WORK]},
            op("add", "emails", [{**HOME, "primary": True}]),
            {"emails": [{**WORK, "primary": False}, {**HOME, "primary": True}]},
        ),
        ({}, op("replace", "schemas", ["x"]), {}),
        ({"externalId": "1"}, op("remove", "externalId"), {}),
    ],
    ids=str,
)
def test_operations(
    before: dict[str, Any], operation: dict[str, Any], after: dict[str, Any]
) -> None:
    assert patched(before, operation) == after


@pytest.mark.parametrize(
    ("operation", "scim_type"),
    [
        (op("remove"), "noTarget"),
        (op("remove", ""), "noTarget"),
        (op("nonsense", "title", "x"), "invalidSyntax"),
        (op("add", "title"), "invalidSyntax"),
        (op("add", None, "x"), "invalidValue"),
        ({"op": 7}, "invalidSyntax"),
        ({"op": "add", "path": 7, "value": 1}, "invalidSyntax"),
        (op("add", "nonsense", "x"), "invalidPath"),
        (op("add", "name.nonsense", "x"), "invalidPath"),
        (op("add", "name[", "x"), "invalidPath"),
        (op("add", 'title eq "x"', "x"), "invalidPath"),
        (op("add", 'title[value eq "x"]', "x"), "invalidPath"),
        (op("add", "urn:nobody:knows:this", "x"), "invalidPath"),
        (op("add", 'emails[nonsense eq "x"].value', "x"), "invalidFilter"),
        (op("replace", 'emails[type ne "x"].value', "x"), "noTarget"),
        (op("replace", 'emails[type eq "x" or type eq "y"].value', "x"), "noTarget"),
        (op("replace", "id", "x"), "mutability"),
        (op("replace", "meta.version", "x"), "mutability"),
        (op("remove", "userName"), "mutability"),
        (op("remove", "active"), "mutability"),
        (op("remove", "password"), "invalidValue"),
        (op("replace", "active", None), "mutability"),
        (op("replace", "active", 1), "invalidValue"),
        (op("replace", "title", {"a": 1}), "invalidValue"),
        (op("add", "emails", [{"primary": True, "value": "a"}] * 2), "invalidValue"),
        (op("add", ENTERPRISE, "x"), "invalidValue"),
        (op("add", f"{ENTERPRISE}:manager.displayName", "x"), "mutability"),
    ],
    ids=str,
)
def test_operations_that_cannot_be(operation: dict[str, Any], scim_type: str) -> None:
    with pytest.raises(ScimError) as caught:
        patched({}, operation)

    assert caught.value.status == 400
    assert caught.value.scim_type == scim_type


@pytest.mark.parametrize(
    "operation",
    [
        op("Replace", "title", "x"),
        op("replace", "active", "False"),
        op("replace", 'emails[type eq "work"].value', "x"),
        op("replace", None, {"nonsense": "x"}),
        op("add", "emails", WORK),
    ],
    ids=str,
)
def test_a_strict_service_provider_refuses_dialects(operation: dict[str, Any]) -> None:
    with pytest.raises(ScimError):
        patched({}, operation, strict=True)


def test_a_patch_answers_the_resource_with_a_new_version(scim: Scim) -> None:
    made = scim.make_user("kim")

    answer = scim.patch(f"/Users/{made['id']}", op("add", "title", "Boss"))

    assert answer.status == 200
    assert answer.body["title"] == "Boss"
    assert answer.headers["ETag"] == answer.body["meta"]["version"] == 'W/"2"'
    assert answer.body["meta"]["lastModified"] > made["meta"]["lastModified"]


def test_a_patch_that_changes_nothing_keeps_the_version(scim: Scim) -> None:
    made = scim.make_user("kim", title="Boss")

    answer = scim.patch(f"/Users/{made['id']}", op("replace", "title", "Boss"))

    assert answer.status == 200
    assert answer.body["meta"] == made["meta"]


def test_a_refused_operation_undoes_those_before_it(scim: Scim) -> None:
    made = scim.make_user("kim")

    answer = scim.patch(
        f"/Users/{made['id']}", op("add", "title", "Boss"), op("add", "nonsense", 1)
    )

    assert answer.status == 400
    assert User.objects.get().document == {}


def test_a_patch_sets_a_password(scim: Scim) -> None:
    made = scim.make_user("kim")

    weak = scim.patch(f"/Users/{made['id']}", op("replace", "password", "short"))
    good = scim.patch(f"/Users/{made['id']}", op("replace", "password", "open-sesame-42"))

    assert weak.body["detail"].startswith("password:")
    assert good.status == 200
    assert "password" not in good.body
    assert User.objects.get().password


def test_strict_is_a_setting_of_the_service_provider(
    scim: Scim, resident: ServiceProvider
) -> None:
    resident.strict = True
    resident.save()

    answer = scim("POST", "/Users", {"userName": "kim"})

    assert answer.status == 400
    assert "schemas" in answer.body["detail"]
