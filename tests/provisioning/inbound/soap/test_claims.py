"""Claims by uri: several values are one text with commas; what was read can be given back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import EntityType
from idp.models import Tenant, User
from provisioning.changes import Action, Change, Door, UserData
from provisioning.intake import accept
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import resident_of
from tests.factories import make_claim
from tests.provisioning.inbound.soap.clients import Raw, Zeep

CLAIM = "http://wso2.org/claims/"
PHOTOS, TITLE, MAIL = CLAIM + "photos", CLAIM + "title", CLAIM + "emailaddress"
pytestmark = pytest.mark.django_db(transaction=True)


def pair(name: str, value: str) -> dict[str, str]:
    return {"claimURI": name if ":" in name else CLAIM + name, "value": value}


@pytest.fixture
def kim(resident: ServiceProvider) -> User:
    """Somebody whose document says more than claims do."""
    document = {
        "title": "Lead",
        "emails": [
            {"value": "kim@example.org", "type": "work", "primary": True, "display": "Kim"},
            {"value": "kim@home.example", "type": "home"},
        ],
        "photos": [{"value": "https://x.example/a,b.png", "type": "photo"}],
    }
    change = Change(
        tenant=resident.tenant,
        service_provider=resident,
        door=Door.SCIM2,
        actor="ops",
        action=Action.CREATE,
        entity_type=EntityType.USER,
        user=UserData(name="kim", document=document, external_id="hr-1"),
    )
    user = accept(change).entity
    assert isinstance(user, User)
    return user


def test_one_claim_changed_changes_that_one(soap: Zeep, kim: User) -> None:
    before = kim.document

    soap("setUserClaimValue", "kim", TITLE, "Head", "default")

    kim.refresh_from_db()
    assert kim.document == {**before, "title": "Head"}
    assert kim.version == 2


def test_all_that_was_read_given_back_changes_nothing(soap: Zeep, kim: User) -> None:
    read = soap("getUserClaimValues", "kim", "default")
    back = [pair(one["claimUri"], one["value"]) for one in read]

    soap("setUserClaimValues", "kim", back, "default")

    before, document = kim.version, kim.document
    kim.refresh_from_db()
    assert (kim.version, kim.document) == (before, document)
    assert {one["claimUri"]: one["value"] for one in read}[
        PHOTOS
    ] == "https://x.example/a,b.png"


def test_given_back_with_one_changed_that_one_changes(soap: Zeep, kim: User) -> None:
    read = {one["claimUri"]: one["value"] for one in soap("getUserClaimValues", "kim", None)}
    before = kim.document

    back = [pair(uri, value) for uri, value in {**read, TITLE: "Head"}.items()]
    soap("setUserClaimValues", "kim", back, "default")

    kim.refresh_from_db()
    assert kim.document == {**before, "title": "Head"}


def test_several_values_are_set_added_and_taken_away(soap: Zeep, tenant: Tenant) -> None:
    make_claim(tenant, "badges", multivalued=True)
    soap("addUser", "kim", None, [], [pair("badges", "a, b,,c")], None, None)
    badges = CLAIM + "badges"
    assert User.objects.get().document["urn:purveyor:custom:User"]["badges"] == ["a", "b", "c"]

    soap("addUserClaimValue", "kim", badges, "B,d", "default")
    assert soap("getUserClaimValue", "kim", badges, "default") == "a,b,c,d"
    soap("addUserClaimValues", "kim", [pair("badges", "e"), pair("badges", "f")], "default")
    assert soap("getUserClaimValue", "kim", badges, "default") == "a,b,c,d,e,f"
    soap("setUserClaimValues", "kim", [pair("badges", "z")], "default")
    assert soap("getUserClaimValue", "kim", badges, "default") == "z"
    soap("deleteUserClaimValue", "kim", badges, "default")
    assert soap("getUserClaimValue", "kim", badges, "default") is None


def test_adding_to_a_claim_of_one_value(soap: Zeep, kim: User) -> None:
    soap("addUserClaimValue", "kim", CLAIM + "nickname", "K, the first", "default")
    soap("addUserClaimValue", "kim", TITLE, "LEAD", "default")

    assert soap("getUserClaimValue", "kim", CLAIM + "nickname", "default") == "K, the first"
    refused = soap.fault("addUserClaimValue", "kim", TITLE, "Head", "default")
    assert "title takes one value, not 2" in refused.message
    kim.refresh_from_db()
    assert kim.document["title"] == "Lead"


def test_of_several_claims_one_that_is_wrong_refuses_all(soap: Zeep, kim: User) -> None:
    fault = soap.fault(
        "setUserClaimValues", "kim", [pair("title", "Head"), pair("active", "no")], "default"
    )

    assert "active must be true or false" in fault.message
    kim.refresh_from_db()
    assert (kim.document["title"], kim.version) == ("Lead", 1)


def test_claims_that_are_not_or_cannot_be_written(soap: Zeep, kim: User) -> None:
    unknown = soap.fault("getUserClaimValue", "kim", CLAIM + "titel", "default")
    assert f"did you mean {TITLE}?" in unknown.message
    assert (
        "there is no claim"
        in soap.fault("getUserClaimValuesForClaims", "kim", [TITLE, "urn:x"], "default").message
    )
    told = soap.fault("setUserClaimValue", "kim", CLAIM + "created", "2020", "default").message
    assert "created is read-only" in told
    assert "profileName" in soap.fault("getUserClaimValues", "kim", "work").message
    assert (
        "claimURI: is required"
        in soap.fault("setUserClaimValue", "kim", None, "x", None).message
    )


def test_the_claim_of_the_name_renames(soap: Zeep, kim: User) -> None:
    soap("setUserClaimValue", "kim", CLAIM + "username", "kim.lee", "default")

    assert soap("listUsers", "*", -1) == ["kim.lee"]
    kim.refresh_from_db()
    assert kim.username == "kim.lee"


def test_disabling_by_either_claim(soap: Zeep, kim: User) -> None:
    soap("setUserClaimValue", "kim", CLAIM + "identity/accountDisabled", "true", "default")
    assert soap("getUserClaimValue", "kim", CLAIM + "active", "default") == "false"
    soap("setUserClaimValue", "kim", CLAIM + "active", "true", "default")
    assert soap("getUserClaimValue", "kim", CLAIM + "identity/accountDisabled", None) == "false"


def test_secret_claims_are_told_by_name_only(soap: Zeep, kim: User) -> None:
    secret = CLAIM + "challengeQuestion1"
    soap("setUserClaimValue", "kim", secret, "blue", "default")

    assert secret not in {c["claimUri"] for c in soap("getUserClaimValues", "kim", "default")}
    assert soap("getUserClaimValue", "kim", secret, "default") == "blue"
    assert "nobody is looked for" in soap.fault("getUserList", secret, "blue", None).message


def test_users_by_the_value_of_a_claim(soap: Zeep, kim: User) -> None:
    soap("addUser", "lee", None, [], [pair("title", "lead"), pair("nickname", "L")], None, None)
    soap("addRole", "sales", ["lee"], [])

    def held(name: str, value: str) -> Any:
        return soap("getUserList", CLAIM + name, value, "default")

    assert held("title", "LEAD") == ["kim", "lee"]
    assert held("emailaddress", "KIM@example.org") == ["kim"]
    assert held("emails.home", "kim@home.example") == ["kim"]
    assert held("photos", "https://x.example/a,b.png") == ["kim"]
    assert held("externalid", "hr-1") == ["kim"]
    assert held("username", "*e*") == ["lee"]
    assert held("role", "sales") == ["lee"]
    assert held("role", "nothing") == []
    assert held("nickname", "k") == []
    assert "there is no claim" in soap.fault("getUserList", "urn:x", "y", None).message


def test_what_xml_cannot_hold_is_replaced(soap: Zeep, kim: User) -> None:
    kim.document = {"title": "a\x0bb\x1fc\ufffed"}
    kim.save()

    assert soap("getUserClaimValue", "kim", TITLE, "default") == "a\ufffdb\ufffdc\ufffdd"


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(
    title=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40),
    photos=st.lists(st.text("ab,; ", min_size=1, max_size=6), max_size=3),
)
def test_scim_to_claims_to_soap_and_back_loses_nothing(
    db: None, client: Client, soap: Zeep, title: str, photos: list[str]
) -> None:
    tenant = Tenant.objects.get(domain="carbon.super")
    User.objects.all().delete()
    document: dict[str, Any] = {"title": title} if title else {}
    if photos:
        document["photos"] = [{"value": one, "type": "photo"} for one in photos]
    resident = resident_of(tenant)
    accept(
        Change(
            tenant=tenant,
            service_provider=resident,
            door=Door.SCIM2,
            actor="ops",
            action=Action.CREATE,
            entity_type=EntityType.USER,
            user=UserData(name="kim", document=document),
        )
    )

    read = soap("getUserClaimValues", "kim", "default")
    soap(
        "setUserClaimValues",
        "kim",
        [pair(one["claimUri"], one["value"]) for one in read],
        "default",
    )

    assert User.objects.get().document == document


def test_parameters_in_any_order_and_empty_ones(raw: Raw, kim: User) -> None:
    said = raw(
        f"<s:setUserClaimValue><s:claimValue>Head</s:claimValue><s:profileName/>"
        f"<s:claimURI>{TITLE}</s:claimURI><s:userName>kim</s:userName></s:setUserClaimValue>"
    )
    assert (said.status, said.found("return")) == (200, ["true"])
    kim.refresh_from_db()
    assert kim.document["title"] == "Head"
