"""Every row of WSO2's claim tables, its places corrected where they were of another meaning."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp import claims
from idp.claims import CUSTOM, DIALECT, ENTERPRISE, TABLE, InvalidClaim, Profile
from provisioning import remote_paths

BOTH = """
name.givenName givenname
name.familyName lastname
name.formatted formattedName
name.formatted fullname
name.middleName middleName
name.honorificPrefix honorificPrefix
name.honorificSuffix honorificSuffix
displayName displayName
nickName nickname
profileUrl url
title title
userType userType
preferredLanguage preferredLanguage
locale local
timezone timeZone
emails emailaddress
emails.work emails.work
emails.home emails.home
emails.other emails.other
phoneNumbers telephone
phoneNumbers.mobile mobile
phoneNumbers.home phoneNumbers.home
phoneNumbers.work phoneNumbers.work
phoneNumbers.fax phoneNumbers.fax
phoneNumbers.pager phoneNumbers.pager
phoneNumbers.other phoneNumbers.other
ims im
ims.gtalk gtalk
ims.skype skype
photos.photo photourl
photos.thumbnail thumbnail
addresses addresses
addresses.formatted addresses.formatted
addresses.streetAddress streetaddress
addresses.locality addresses.locality
addresses.locality locality
addresses.region region
addresses.region stateorprovince
addresses.postalCode postalcode
addresses.country country
"""
EXTENDED = {
    f"{ENTERPRISE}:employeeNumber": "employeeNumber",
    f"{ENTERPRISE}:costCenter": "costCenter",
    f"{ENTERPRISE}:organization": "organization",
    f"{ENTERPRISE}:department": "department",
    f"{ENTERPRISE}:division": "division",
    f"{ENTERPRISE}:manager.value": "manager",
    f"{ENTERPRISE}:manager.$ref": "extendedRef",
    f"{ENTERPRISE}:manager.displayName": "extendedDisplayName",
    # What WSO2 kept in attributes of another meaning, or added to the enterprise schema.
    f"{CUSTOM}:extendedExternalId": "extendedExternalId",
    f"{CUSTOM}:gender": "gender",
    f"{CUSTOM}:askPassword": "identity/askPassword",
    f"{CUSTOM}:verifyEmail": "identity/verifyEmail",
    f"{CUSTOM}:accountLock": "identity/accountLocked",
}
LISTED = {"phoneNumbers": "phoneNumbers", "photos": "photos"}
LISTED |= {"entitlements": "entitlements", "x509Certificates": "x509Certificates"}
TOLD = {
    "userid": ("id", "7"),
    "created": ("created", "2026-01-01T00:00:00Z"),
    "modified": ("modified", "2026-01-01T00:00:00Z"),
    "location": ("location", "https://idp.example/scim2/Users/7"),
}
ROWS = [tuple(line.split()) for line in BOTH.split("\n") if line] + list(EXTENDED.items())


@pytest.mark.parametrize(("path", "name"), ROWS)
def test_an_attribute_and_its_claim_are_one_place(path: str, name: str) -> None:
    document: dict[str, Any] = {}
    remote_paths.write(document, path, "x")

    assert claims.read(DIALECT + name, Profile(document=document)) == "x"
    assert claims.write(DIALECT + name, "x", Profile()).document == document


@pytest.mark.parametrize(("attribute", "name"), LISTED.items())
def test_a_whole_attribute_is_a_claim_of_several_values(attribute: str, name: str) -> None:
    document = {attribute: [{"value": "1", "type": "work"}, {"value": "2"}]}

    assert claims.read(DIALECT + name, Profile(document=document)) == ["1", "2"]


@pytest.mark.parametrize(("name", "told"), TOLD.items())
def test_what_the_server_tells_is_read_and_never_written(
    name: str, told: tuple[str, str]
) -> None:
    attribute, value = told

    assert claims.read(DIALECT + name, Profile(**{attribute: value})) == value  # type: ignore[arg-type]
    with pytest.raises(InvalidClaim, match="read-only"):
        claims.write(DIALECT + name, "another", Profile())


def test_columns_roles_and_the_resource_type() -> None:
    profile = Profile(
        username="STAFF/kim", external_id="17", groups=["sales", "Internal/admin"]
    )
    known = claims.read_claims(profile)

    told = {uri.removeprefix(DIALECT): value for uri, value in known.items()}
    assert told == {
        "username": "STAFF/kim",
        "userprincipal": "STAFF/kim",
        "externalid": "17",
        "active": "true",
        "identity/accountDisabled": "false",
        "resourceType": "User",
        "role": ["sales", "Internal/admin"],
        "roles": ["sales", "Internal/admin"],
        "groups": ["sales"],
    }


@pytest.mark.parametrize("name", ["gender", "im", "stateorprovince", "addresses.locality"])
def test_no_claim_lives_on_an_attribute_of_another_meaning(name: str) -> None:
    document = claims.write(DIALECT + name, "x", Profile()).document

    assert ENTERPRISE not in document
    assert "meta" not in document


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8)
flags = st.booleans()


def entries(kinds: list[str], *parts: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    entry = st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(parts, texts),
            "type": st.sampled_from(kinds),
            "primary": flags,
            "display": texts,
        },
    )
    return st.lists(
        entry.filter(lambda found: any(part in found for part in parts)), max_size=4
    )


def attributes(*names: str) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, texts))


MANAGER = attributes("value", "$ref", "displayName")
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(["displayName", "title", "locale", "timezone", "nickName"], texts),
        "name": attributes("givenName", "familyName", "formatted", "middleName"),
        "emails": entries(["work", "home", "other", "Work", "odd"], "value"),
        "phoneNumbers": entries(["work", "mobile", "fax", "odd"], "value"),
        "ims": entries(["gtalk", "skype", "odd"], "value"),
        "photos": entries(["photo", "thumbnail"], "value"),
        "addresses": entries(["work", "home"], "formatted", "locality", "country", "region"),
        "entitlements": entries(["a"], "value"),
        "x509Certificates": entries(["a"], "value"),
        ENTERPRISE: st.fixed_dictionaries(
            {}, optional={"department": texts, "manager": MANAGER}
        ),
        CUSTOM: st.fixed_dictionaries(
            {},
            optional={"gender": texts, "challengeQuestionUris": st.lists(texts, min_size=1)},
        ),
    },
)


@given(DOCUMENTS, flags, texts, texts)
def test_from_scim_to_claims_and_back_nothing_is_lost(
    document: dict[str, Any], active: bool, username: str, external_id: str
) -> None:
    profile = Profile(username, external_id, active, document)

    known = claims.read_claims(profile)
    given_back = {uri: value for uri, value in known.items() if not claims.claim(uri).read_only}

    assert claims.write_claims(given_back, profile) == profile
    assert claims.write_claims(known, profile) == profile


def test_every_secret_is_marked() -> None:
    assert {entry.name for entry in TABLE if entry.secret} == {
        "primaryChallengeQuestion",
        "challengeQuestion1",
        "challengeQuestion2",
        "oneTimePassword",
        "identity/secretkey",
    }
