"""Every row of WSO2's table of SCIM 1.1, its places corrected where they were of another
meaning."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from hypothesis import given

from idp import claims, scim1
from idp.claims import CUSTOM, DIALECT, ENTERPRISE, Profile
from idp.scim1 import ENTERPRISE_1, WSO2
from provisioning import remote_paths
from tests.idp.test_claim_table import BOTH, DOCUMENTS, LISTED

CORE_ROWS = [tuple(line.split()) for line in BOTH.split("\n") if line]
EXTENDED = {
    "employeeNumber": "employeeNumber",
    "costCenter": "costCenter",
    "organization": "organization",
    "department": "department",
    "division": "division",
    "manager.managerId": "manager",
    "manager.displayName": "extendedDisplayName",
}
ROWS = [
    *CORE_ROWS,
    ("timeZone", "timeZone"),
    *((f"{scim1.CORE}:{path}", name) for path, name in CORE_ROWS),
    *((f"{ENTERPRISE_1}:{path}", name) for path, name in EXTENDED.items()),
    *((f"{WSO2}:{path}", name) for path, name in EXTENDED.items()),
    (f"{WSO2}:askPassword", "identity/askPassword"),
    (f"{WSO2}:verifyEmail", "identity/verifyEmail"),
]


@pytest.mark.parametrize(("path", "name"), ROWS)
def test_an_attribute_of_scim_1_and_its_claim_are_one_place(path: str, name: str) -> None:
    document: dict[str, Any] = {}
    remote_paths.write(document, path, "x")

    understood = scim1.understood(document)

    assert claims.read(DIALECT + name, Profile(document=understood)) == "x"
    assert claims.write(DIALECT + name, "x", Profile()).document == understood
    assert remote_paths.read(understood, scim1.place_of(path)) == "x"


@pytest.mark.parametrize(
    ("path", "name"), [*CORE_ROWS, *((f"{ENTERPRISE_1}:{a}", b) for a, b in EXTENDED.items())]
)
def test_a_claim_is_told_under_the_name_of_the_standard(path: str, name: str) -> None:
    document = claims.write(DIALECT + name, "x", Profile()).document

    assert remote_paths.read(scim1.told(document), path) == "x"
    assert scim1.name_of(scim1.place_of(path)) == path


@pytest.mark.parametrize("attribute", LISTED)
def test_several_values_are_told_as_they_are(attribute: str) -> None:
    document = {attribute: [{"value": "1", "type": "work"}, {"value": "2"}]}

    assert scim1.told(document) == scim1.understood(document) == document


@pytest.mark.parametrize(
    "path", ["gender", "im", "extendedExternalId", "stateorprovince", "addresses.locality"]
)
def test_no_claim_is_told_as_an_attribute_of_another_meaning(path: str) -> None:
    told = scim1.told(claims.write(DIALECT + path, "x", Profile()).document)

    assert not {ENTERPRISE_1, "meta"} & told.keys()


def test_what_scim_1_has_no_name_for_is_not_told() -> None:
    manager = {"value": "26", "$ref": "https://x/Users/26", "displayName": "Bo"}

    told = scim1.told({ENTERPRISE: {"manager": manager}, CUSTOM: {"gender": "x"}})

    assert told == {
        ENTERPRISE_1: {"manager": {"managerId": "26", "displayName": "Bo"}},
        CUSTOM: {"gender": "x"},
    }
    assert scim1.told({ENTERPRISE: {"manager": {"$ref": "x"}}}) == {}


def test_names_and_schemas_are_compared_whatever_their_case() -> None:
    assert scim1.place_of(f"{ENTERPRISE_1.upper()}:Manager.ManagerID") == (
        f"{ENTERPRISE}:manager.value"
    )
    assert scim1.name_of(f"{ENTERPRISE.upper()}:department") == f"{ENTERPRISE_1}:department"


def test_what_the_enterprise_extension_does_not_know_stays_in_it() -> None:
    assert scim1.understood({WSO2: {"shoeSize": 42}}) == {ENTERPRISE: {"shoeSize": 42}}


@given(DOCUMENTS)
def test_from_ours_to_scim_1_and_back_nothing_is_lost(document: dict[str, Any]) -> None:
    manager = document.get(ENTERPRISE, {}).get("manager", {})
    manager.pop("$ref", None)

    back = scim1.understood(scim1.told(document))

    assert back == {
        key: value
        for key, value in document.items()
        if value or not isinstance(value, dict) or key not in (ENTERPRISE, CUSTOM)
    }


def test_the_examples_hold() -> None:
    result = doctest.testmod(scim1)

    assert result.attempted > 0
    assert result.failed == 0
