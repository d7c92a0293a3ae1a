"""Every operation, driven by an independent client: both services, both versions of SOAP, by
our WSDL and by WSO2's.

WSO2's WSDL is not ours to copy: `PURVEYOR_SOAP_WSDL` names the file, else it lies beside the
project.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from provisioning.inbound.soap.operations import TABLE
from tests.provisioning.inbound.soap.clients import V1, V2, Zeep

ROOT = Path(__file__).resolve().parents[4]
BESIDE = ROOT.parent / "shared" / "wsdl" / "RemoteUserStoreManagerService.wsdl"
REFERENCE = Path(os.environ.get("PURVEYOR_SOAP_WSDL") or BESIDE)
LATER = {"getUserList", "addUserClaimValue", "addUserClaimValues"}
"""What that WSDL, an older one, did not have yet."""

pytestmark = pytest.mark.django_db(transaction=True)
soap_versions = pytest.mark.parametrize("version", ["Soap11", "Soap12"])
GIVEN, MAIL, PHOTOS = (
    f"http://wso2.org/claims/{name}" for name in ("givenname", "emailaddress", "photos")
)


def pair(uri: str, value: str) -> dict[str, str]:
    return {"claimURI": uri, "value": value}


@dataclass
class Story:
    """Calls operations, and remembers which. `made` is what a change is answered with."""

    soap: Zeep
    made: Any = True
    called: set[str] = field(default_factory=set)

    def ask(self, operation: str, *args: Any) -> Any:
        self.called.add(operation)
        return self.soap(operation, *args)

    def make(self, operation: str, *args: Any) -> None:
        assert self.ask(operation, *args) == self.made, operation
        status = self.soap.transport.last.status_code
        assert status == (200 if self.made else 202), operation

    def claims(self) -> dict[str, str]:
        return {c["claimUri"]: c["value"] for c in self.ask("getUserClaimValues", "kim", None)}


def people(story: Story) -> None:
    ask, make = story.ask, story.make
    given = [pair(GIVEN, "Kim"), pair(MAIL, "kim@example.org")]
    make("addUser", "kim", "first-secret-1", [], given, "default", False)
    make("addUser", "lee", None, [], [], None, None)
    assert ask("isExistingUser", "KIM") is True
    assert ask("isExistingUser", "nobody") is False
    assert ask("listUsers", "*", -1) == ["kim", "lee"]
    assert ask("listUsers", "k*", 10) == ["kim"]
    assert ask("authenticate", "kim", "first-secret-1") is True
    make("updateCredential", "kim", "second-secret-2", "first-secret-1")
    make("updateCredentialByAdmin", "kim", "third-secret-3")
    assert ask("authenticate", "kim", "second-secret-2") is False
    assert ask("authenticate", "kim", "third-secret-3") is True


def claims(story: Story) -> None:
    ask, make = story.ask, story.make
    assert ask("getUserClaimValue", "kim", GIVEN, "default") == "Kim"
    assert story.claims()[MAIL] == "kim@example.org"
    make("setUserClaimValue", "kim", GIVEN, "Kimberly", "default")
    make("setUserClaimValues", "kim", [pair(PHOTOS, "a,b"), pair(MAIL, "k@x.org")], "default")
    found = ask("getUserClaimValuesForClaims", "kim", [GIVEN, PHOTOS, MAIL], "default")
    told = {one["claimURI"]: one["value"] for one in found}
    assert told == {GIVEN: "Kimberly", PHOTOS: "a,b", MAIL: "k@x.org"}
    make("deleteUserClaimValue", "kim", GIVEN, "default")
    make("deleteUserClaimValues", "kim", [MAIL, PHOTOS], "default")
    assert not {GIVEN, MAIL, PHOTOS} & story.claims().keys()
    assert ask("getUserClaimValue", "kim", GIVEN, "default") is None
    assert ask("getProfileNames", "kim") == ["default"]
    assert ask("getAllProfileNames") == ["default"]


def later_claims(story: Story) -> None:
    story.make("addUserClaimValue", "kim", PHOTOS, "a", "default")
    story.make("addUserClaimValues", "kim", [pair(PHOTOS, "b")], "default")
    assert story.ask("getUserClaimValue", "kim", PHOTOS, "default") == "a,b"
    assert story.ask("getUserList", PHOTOS, "B", "default") == ["kim"]


def roles(story: Story) -> None:
    ask, make = story.ask, story.make
    permission = {"action": "ui.execute", "resourceId": "/permission/admin/login"}
    make("addRole", "sales", ["kim"], [permission])
    make("addRole", "Internal/boss", [], [])
    assert ask("isExistingRole", "Internal/boss") is True
    assert ask("getRoleNames") == ["Internal/boss", "sales"]
    assert ask("getHybridRoles") == ["Internal/boss"]
    make("updateRoleListOfUser", "lee", [], ["sales", "Internal/boss"])
    assert ask("getRoleListOfUser", "lee") == ["Internal/boss", "sales"]
    make("updateUserListOfRole", "sales", ["lee"], [])
    assert ask("getUserListOfRole", "sales") == ["kim"]
    make("updateRoleName", "sales", "selling")
    make("deleteRole", "selling")
    assert ask("isExistingRole", "selling") is False


def the_rest(story: Story) -> None:
    ask = story.ask
    assert ask("getTenantId") == ask("getTenantIdofUser", "kim") == -1234
    assert ask("getPasswordExpirationTime", "kim") == -1
    assert ask("isReadOnly") is False
    assert ask("getProperties", None) in ([], None)
    story.called.add("getUserId")
    assert "claims/userid" in story.soap.fault("getUserId", "kim").message
    story.make("deleteUser", "lee")
    assert ask("listUsers", None, -1) == ["kim"]


STORIES: list[Callable[[Story], None]] = [people, claims, roles, the_rest]


@soap_versions
def test_the_second_service_by_our_wsdl(
    client: Client, credentials: dict[str, str], version: str
) -> None:
    story = Story(Zeep(client, credentials, V2, version))

    for part in (*STORIES, later_claims):
        part(story)

    assert story.called == set(TABLE)


@soap_versions
@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("older_types", [False, True])
def test_the_first_service_by_our_wsdl(
    client: Client,
    credentials: dict[str, str],
    settings: Settings,
    version: str,
    answers: bool,
    older_types: bool,
) -> None:
    settings.PURVEYOR_SOAP_ANSWERS = answers
    settings.PURVEYOR_SOAP_OLDER_TYPES = older_types
    story = Story(Zeep(client, credentials, V1, version), made=True if answers else None)

    for part in (*STORIES, later_claims):
        part(story)

    assert story.called == set(TABLE)


@soap_versions
@pytest.mark.skipif(not REFERENCE.is_file(), reason=f"NO WSDL OF WSO2: {REFERENCE} missing")
def test_the_first_service_by_the_wsdl_of_wso2(
    client: Client, credentials: dict[str, str], version: str
) -> None:
    """With the settings as they are when nobody has touched them."""
    soap = Zeep(client, credentials, V1, version, wsdl=str(REFERENCE))
    story = Story(soap, made=None)

    for part in STORIES:
        part(story)

    there = {name for binding in soap.client.wsdl.bindings.values() for name in binding.all()}
    assert story.called == there == set(TABLE) - LATER
