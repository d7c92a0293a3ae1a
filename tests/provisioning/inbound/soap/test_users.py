"""Users by name: made, found, listed, deleted; and their passwords."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from idp.models import Group, Membership, Tenant, User, UserStore
from provisioning.models import AuditEvent
from serviceproviders.models import ServiceProvider
from tests.factories import make_claim
from tests.provisioning.inbound.soap.clients import Zeep

pytestmark = pytest.mark.django_db(transaction=True)
CLAIM = "http://wso2.org/claims/"


def pair(name: str, value: str) -> dict[str, str]:
    return {"claimURI": CLAIM + name, "value": value}


def add(soap: Zeep, name: str, *claims: dict[str, str], **given: Any) -> None:
    assert soap("addUser", userName=name, claims=list(claims), **given) is True


def test_a_new_user_has_claims_roles_and_a_password(soap: Zeep, tenant: Tenant) -> None:
    make_claim(tenant, "badge")
    soap("addRole", "sales", [], [])
    soap("addRole", "Internal/boss", [], [])

    add(
        soap,
        "kim",
        pair("givenname", "Kim"),
        pair("emailaddress", "kim@example.org"),
        pair("badge", "B-1"),
        pair("externalid", "hr-1"),
        credential="a-good-secret-1",
        roleList=["sales", "Internal/boss"],
    )

    kim = User.objects.get()
    assert (kim.full_name, kim.external_id, kim.active) == ("kim", "hr-1", True)
    assert kim.document["name"] == {"givenName": "Kim"}
    assert kim.document["urn:purveyor:custom:User"] == {"badge": "B-1"}
    assert soap("getRoleListOfUser", "kim") == ["Internal/boss", "sales"]
    assert soap("authenticate", "kim", "a-good-secret-1") is True
    event = AuditEvent.objects.filter(action="user.create").get()
    assert (event.door, event.actor) == ("soap", "ops")


def test_names_have_the_prefix_of_their_store(soap: Zeep, staff: UserStore) -> None:
    add(soap, "staff/kim")
    add(soap, "kim")
    add(soap, "other/kim")

    assert sorted(soap("listUsers", "*", -1)) == ["STAFF/kim", "kim", "other/kim"]
    assert soap("listUsers", "STAFF/*", -1) == ["STAFF/kim"]
    assert soap("listUsers", "PRIMARY/*", -1) == ["kim", "other/kim"]
    soap("deleteUser", "STAFF/KIM")
    assert soap("listUsers", "kim", -1) == ["kim"]


@pytest.mark.parametrize(
    ("pattern", "limit", "found"),
    [
        ("*", 2, ["anna", "bo[b]"]),
        ("*", 0, []),
        ("", -1, ["anna", "bo[b]", "kim lee", "kimi"]),
        ("KIM*", -1, ["kim lee", "kimi"]),
        ("*i*", -1, ["kim lee", "kimi"]),
        ("k?mi", -1, ["kimi"]),
        ("*[b]", -1, ["bo[b]"]),
        ("k*i*i", -1, ["kimi"]),
        ("k*mi*mi", -1, []),
        ("%", -1, []),
        ("nobody", 10, []),
    ],
)
def test_lists_by_pattern(soap: Zeep, pattern: str, limit: int, found: list[str]) -> None:
    for name in ("kimi", "anna", "kim lee", "bo[b]"):
        add(soap, name)

    assert soap("listUsers", pattern, limit) == found


def test_a_pattern_has_a_length(soap: Zeep) -> None:
    """Databases give up on long ones, each in its own way."""
    assert soap("listUsers", "*?" * 200, -1) == []
    for operation, *given in (
        ("listUsers", "*?" * 30_000, -1),
        ("getUserList", f"{CLAIM}username", "x" * 401, None),
    ):
        assert "takes at most 400 characters" in soap.fault(operation, *given).message
    assert soap("isExistingUser", "x" * 100_000) is False


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"userName": None}, "userName: is required"),
        ({"userName": ""}, "userName: is required"),
        ({"userName": " "}, "userName: is required"),
        ({"userName": "a\tb"}, "userName: a name has 1 to 255 characters"),
        ({"userName": "x" * 256}, "userName: a name has 1 to 255 characters"),
        ({"userName": "Internal/kim"}, "userName: roles are not users"),
        ({"userName": "KIM"}, "userName KIM is taken"),
        ({"userName": "zoe", "credential": "short"}, "credential: "),
        ({"userName": "zoe", "credential": "x" * 1025}, "credential: takes at most 1024"),
        ({"userName": "zoe", "roleList": ["nothing"]}, "roleList: there is no role nothing"),
        ({"userName": "zoe", "profileName": "home"}, "profileName: there is one profile"),
        ({"userName": "zoe", "requirePasswordChange": True}, "requirePasswordChange: "),
        ({"userName": "zoe", "claims": [pair("givenNam", "Z")]}, "did you mean"),
        ({"userName": "zoe", "claims": [pair("groups", "x")]}, "groups is read-only"),
        ({"userName": "zoe", "claims": [pair("username", "zo")]}, "call the user zo, not zoe"),
        ({"userName": "zoe", "claims": [{"value": "x"}]}, "a claim needs a claimURI"),
        ({"userName": "zoe", "claims": [pair("active", "maybe")]}, "must be true or false"),
        ({"userName": "zoe", "claims": [pair("externalid", "x" * 256)]}, "externalid takes"),
        (
            {"userName": "zoe", "claims": [pair("title", "a"), pair("title", "b")]},
            "title takes one value, not 2",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_made(
    soap: Zeep, given: dict[str, Any], told: str
) -> None:
    add(soap, "kim")

    fault = soap.fault("addUser", **given)

    assert told in fault.message
    assert fault.code == "soapenv:Client"
    assert User.objects.count() == 1


def test_a_user_who_is_not_there_is_a_fault_in_every_operation(soap: Zeep) -> None:
    for operation, *given in (
        ("deleteUser", "nobody"),
        ("updateCredential", "nobody", "a-new-secret-1", "old"),
        ("updateCredentialByAdmin", "nobody", "a-new-secret-1"),
        ("setUserClaimValue", "nobody", CLAIM + "title", "x", "default"),
        ("deleteUserClaimValues", "nobody", [CLAIM + "title"], "default"),
        ("getUserClaimValue", "nobody", CLAIM + "title", "default"),
        ("getUserClaimValues", "nobody", "default"),
        ("getRoleListOfUser", "nobody"),
        ("updateRoleListOfUser", "nobody", [], []),
        ("getProfileNames", "nobody"),
        ("getUserId", "nobody"),
        ("getTenantIdofUser", "nobody"),
        ("getPasswordExpirationTime", "nobody"),
    ):
        assert "there is no user nobody" in soap.fault(operation, *given).message, operation


def test_a_password_is_changed_by_whoever_knows_it_or_by_an_administrator(soap: Zeep) -> None:
    add(soap, "kim", credential="a-good-secret-1")
    wrong = soap.fault("updateCredential", "kim", "a-new-secret-2", "no")
    assert "oldCredential" in wrong.message
    weak = soap.fault("updateCredentialByAdmin", "kim", "weak")
    assert "newCredential" in weak.message
    missing = soap.fault("updateCredentialByAdmin", "kim", None)
    assert "newCredential: is required" in missing.message
    assert soap("authenticate", "kim", "a-good-secret-1") is True

    soap("updateCredential", "kim", "a-new-secret-2", "a-good-secret-1")
    assert soap("authenticate", "kim", "a-good-secret-1") is False
    assert soap("authenticate", "kim", "a-new-secret-2") is True
    assert "a-new-secret-2" not in str(list(AuditEvent.objects.values()))


def test_nobody_disabled_unknown_or_without_a_password_is_authenticated(soap: Zeep) -> None:
    add(soap, "kim", pair("identity/accountDisabled", "true"), credential="a-good-secret-1")
    add(soap, "lee")

    assert soap("authenticate", "kim", "a-good-secret-1") is False
    assert soap("authenticate", "lee", "") is False
    assert soap("authenticate", "lee", None) is False
    assert soap("authenticate", "nobody", "a-good-secret-1") is False


def test_passwords_are_not_guessed_through_the_door(soap: Zeep) -> None:
    add(soap, "kim", credential="a-good-secret-1")
    add(soap, "lee", credential="a-good-secret-1")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        assert soap("authenticate", "kim", "a-guess") is False

    assert "Too many failed attempts" in soap.fault("authenticate", "Kim", "a-guess").message
    locked = soap.fault("updateCredential", "kim", "a-new-secret-2", "a-good-secret-1")
    assert "Too many failed attempts" in locked.message
    assert soap("authenticate", "lee", "a-good-secret-1") is True
    assert soap("isExistingUser", "kim") is True


def test_a_success_forgets_the_failures_before_it(soap: Zeep) -> None:
    add(soap, "kim", credential="a-good-secret-1")
    for _ in range(3):
        for _ in range(settings.AXES_FAILURE_LIMIT - 1):
            assert soap("authenticate", "kim", "a-guess") is False
        assert soap("authenticate", "kim", "a-good-secret-1") is True


def test_a_service_provider_with_a_store_of_its_own_sees_that_store_only(
    soap: Zeep, resident: ServiceProvider, staff: UserStore
) -> None:
    add(soap, "kim", pair("title", "Primary"))
    add(soap, "lee")
    soap("addRole", "sales", ["lee"], [])
    soap("addRole", "Internal/boss", [], [])
    resident.user_store = staff
    resident.save()

    add(soap, "kim", pair("title", "Staff"), roleList=["Internal/boss"])
    add(soap, "PRIMARY/zoe")

    assert soap("listUsers", "*", -1) == ["STAFF/kim", "STAFF/zoe"]
    assert soap("getUserClaimValue", "kim", CLAIM + "title", "default") == "Staff"
    assert soap("getUserClaimValue", "STAFF/kim", CLAIM + "title", "default") == "Staff"
    assert soap("getUserList", CLAIM + "title", "primary", "default") == []
    assert soap("getUserList", CLAIM + "title", "staff", "default") == ["STAFF/kim"]
    assert soap("isExistingUser", "PRIMARY/kim") is False
    assert "in the user store STAFF" in soap.fault("deleteUser", "PRIMARY/kim").message
    assert "in the user store STAFF" in soap.fault("deleteUser", "lee").message
    assert soap("getRoleNames") == ["Internal/boss"]
    Membership.objects.create(
        group=Group.objects.get(name="boss"), user=User.objects.get(username="lee")
    )
    assert soap("getUserListOfRole", "Internal/boss") == ["STAFF/kim"]
    soap("addRole", "sales", ["kim"], [])
    assert soap("getUserListOfRole", "sales") == ["STAFF/kim"]
    assert soap("getRoleListOfUser", "kim") == ["Internal/boss", "STAFF/sales"]
    soap("deleteUser", "kim")
    assert sorted(str(user) for user in User.objects.all()) == ["STAFF/zoe", "kim", "lee"]
