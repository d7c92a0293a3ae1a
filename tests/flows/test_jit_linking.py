"""Whom a subject of an identity provider becomes: somebody new, or somebody who is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from idp.models import Tenant, User
from provisioning import jit
from provisioning.configuration import ConfigurationError, apply
from provisioning.models import Association, AuditEvent
from tests.flows.conftest import Store
from tests.flows.jit import (
    KIM,
    Authenticator,
    C,
    bring_up,
    groups,
    jit_outbound,
    kim,
    portal,
    tell,
    trusted,
)

__all__ = ["jit_outbound", "portal", "tell", "trusted"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("trusted")]
Step = Callable[[], None]


@pytest.mark.parametrize(
    ("sync", "nick", "title"),
    [
        ("override_all", None, "Lead"),
        ("preserve_local", "Kimmy", "Lead"),
        ("none", "Kimmy", "Local"),
    ],
)
def test_attributes_follow_as_the_settings_say(
    tell: Authenticator, store: Store, sync: str, nick: str | None, title: str
) -> None:
    tell(claims={**KIM, f"{C}nickname": "Kimmy"})
    user = kim()
    store.set_user(
        user.pk, "kim", document={**user.document, "title": "Local", "userType": "ours"}
    )
    bring_up({"attribute_sync": sync})

    tell(claims={**KIM, f"{C}title": "Lead"})

    document = kim().document
    assert document.get("nickName") == nick
    assert document["title"] == title
    assert document["userType"] == "ours"


def test_an_existing_user_is_not_taken_over_by_a_name(
    tell: Authenticator, store: Store
) -> None:
    store.add_user("kim", document={"title": "Boss"})

    answer = tell()

    assert answer.status_code == 409
    assert "not linked" in answer.json()["detail"]
    assert kim().document == {"title": "Boss"}
    assert not Association.objects.exists()


def test_an_existing_user_is_linked_by_a_verified_address(
    tell: Authenticator, store: Store
) -> None:
    bring_up({"link_existing_by": [f"{C}emailaddress"]})
    store.add_user("kim.lee", document={"emails": [{"value": "KIM@acme.example"}]})

    refused = tell()
    assert refused.status_code == 409
    assert "not verified" in refused.json()["detail"]

    answer = tell(email_verified=True)
    assert answer.json()["user"] == "kim.lee"
    assert AuditEvent.objects.filter(action="association.create").count() == 1
    assert tell().json()["user"] == "kim.lee"  # known by now


def test_two_of_one_address_are_linked_with_nobody(tell: Authenticator, store: Store) -> None:
    bring_up({"link_existing_by": [f"{C}emailaddress"]})
    for name in ("a", "b"):
        store.add_user(name, document={"emails": [{"value": "kim@acme.example"}]})

    assert tell(email_verified=True).json() == {"user": "kim", "created": True, "outcome": ""}


def test_a_second_subject_does_not_get_somebody_elses_user(
    tell: Authenticator, store: Store
) -> None:
    bring_up({"link_existing_by": [f"{C}emailaddress"]})
    tell(email_verified=True)

    answer = tell("eve", email_verified=True)

    assert answer.status_code == 409
    assert "associated with somebody else" in answer.json()["detail"]
    assert User.objects.count() == 1


def test_the_same_subject_of_another_identity_provider_is_somebody_else(
    tell: Authenticator,
) -> None:
    tell()
    bring_up(name="elsewhere")

    answer = tell(identity_provider="elsewhere")

    assert answer.status_code == 409
    assert User.objects.count() == 1


def test_a_disabled_account_stays_so(tell: Authenticator, store: Store) -> None:
    tell()
    store.set_user(kim().pk, "kim", active=False)

    answer = tell(claims={**KIM, f"{C}title": "Lead"})

    assert answer.status_code == 409
    assert "disabled" in answer.json()["detail"]
    assert not kim().active
    assert "title" not in kim().document


def test_a_user_who_was_deleted_comes_back_under_the_same_id(
    tell: Authenticator, store: Store
) -> None:
    tell()
    before = kim().pk
    store.delete_user(before)

    assert tell().json()["created"] is True
    assert kim().pk == before


def test_an_own_dialect_renames_what_comes(tell: Authenticator) -> None:
    bring_up(
        claim_dialect="custom",
        user_id_claim="sub",
        role_claim="groups",
        claim_mappings=[
            {"remote": "given_name", "local": f"{C}givenname"},
            {"remote": "mail", "local": f"{C}emailaddress"},
            {"remote": "kind", "constant": "partner"},
        ],
    )

    answer = tell(
        "0815",
        claims={"sub": "kim", "given_name": "Kim", "groups": ["Pilots"], "unknown": 1},
    )

    assert answer.json()["user"] == "kim"
    assert kim().document == {"name": {"givenName": "Kim"}}
    assert groups() == {"pilots"}


@pytest.mark.parametrize(
    ("jit", "subject", "name"),
    [
        ({"user_store": "STAFF"}, "kim", "STAFF/kim"),
        ({"user_store": "STAFF"}, "staff/kim", "STAFF/kim"),
        ({"user_store": ""}, "STAFF/kim", "STAFF/kim"),
        ({"user_store": ""}, "NOWHERE/kim", "NOWHERE/kim"),
        ({"user_store_claim": f"{C}department"}, "kim", "STAFF/kim"),
    ],
)
def test_the_store_is_as_the_settings_say(
    tell: Authenticator, jit: Mapping[str, Any], subject: str, name: str
) -> None:
    stores = [{"domain": "STAFF"}]
    apply(
        {"version": 1, "tenants": [{"domain": "carbon.super", "user_stores": stores}]},
        actor="a test",
    )
    bring_up(jit)

    answer = tell(subject, claims={f"{C}department": "staff"})

    assert answer.json()["user"] == name


def test_an_association_that_is_removed_leaves_the_user_and_its_name_taken(
    tell: Authenticator, tenant: Tenant
) -> None:
    tell()

    assert jit.remove(Association.objects.filter(tenant=tenant), actor="ops") == 1

    assert kim().active
    assert tell().status_code == 409
    event = AuditEvent.objects.get(action="association.remove")
    assert (event.actor, event.subject_name) == ("ops", "kim")


def test_people_are_linked_only_by_claims_that_are_searched(tell: Authenticator) -> None:
    with pytest.raises(ConfigurationError, match="people are not searched by"):
        bring_up({"link_existing_by": [f"{C}title"]})
    with pytest.raises(ConfigurationError, match="there is no claim"):
        bring_up({"link_existing_by": ["mail"]})
    bring_up({"link_existing_by": [f"{C}username", f"{C}externalid", f"{C}nickname"]})


@pytest.mark.parametrize(
    ("uri", "user"),
    [
        (f"{C}nickname", {"document": {"nickName": "Kimmy"}}),
        (f"{C}externalid", {"external_id": "Kimmy"}),
    ],
)
def test_other_claims_link_as_well(
    tell: Authenticator, store: Store, uri: str, user: dict[str, Any]
) -> None:
    bring_up({"link_existing_by": [uri]})
    store.add_user("somebody", **user)

    assert tell(claims={uri: "Kimmy"}).json()["user"] == "somebody"
