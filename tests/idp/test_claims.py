from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp import claims
from idp.claim_places import Every, Leading, Typed
from idp.claims import CUSTOM, DIALECT, ENTERPRISE, TABLE, Claim, InvalidClaim, Profile

EMAIL = DIALECT + "emailaddress"
WRITABLE = [entry for entry in TABLE if not entry.read_only]

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1)


def values_of(entry: Claim) -> st.SearchStrategy[Any]:
    if entry.name in {"active", "identity/accountDisabled"}:
        return st.sampled_from(["true", "false"])
    return st.lists(texts, min_size=1, max_size=3) if entry.multivalued else texts


def writes(entry: Claim) -> st.SearchStrategy[tuple[Claim, Any]]:
    return values_of(entry).map(lambda value: (entry, value))


a_write = st.sampled_from(WRITABLE).flatmap(writes)


def written(*done: tuple[Claim, Any]) -> Profile:
    profile = Profile(username="kim")
    for entry, value in done:
        profile = claims.write(entry.uri, value, profile)
    return profile


def may_share(one: Claim, other: Claim) -> bool:
    """Whether two claims can name the same place, as `primary` and `work` may."""
    a, b = one.place, other.place
    many = (Leading, Typed, Every)
    if isinstance(a, many) and isinstance(b, many) and a.attribute == b.attribute:
        if isinstance(a, Leading) and isinstance(b, Leading):
            return a.sub == b.sub
        return not (isinstance(a, Typed) and isinstance(b, Typed) and a.type != b.type)
    return a == b or {one.name, other.name} == {"active", "identity/accountDisabled"}


@given(before=st.lists(a_write, max_size=4), write=a_write)
def test_what_is_written_is_read_and_other_claims_keep_their_values(
    before: list[tuple[Claim, Any]], write: tuple[Claim, Any]
) -> None:
    entry, value = write
    profile = written(*before)

    after = claims.write(entry.uri, value, profile)

    assert claims.read(entry.uri, after) == value
    for other in TABLE:
        if not may_share(entry, other):
            assert claims.read(other.uri, after) == claims.read(other.uri, profile)


@given(before=st.lists(a_write, max_size=6))
def test_giving_back_every_claim_changes_nothing(before: list[tuple[Claim, Any]]) -> None:
    profile = written(*before)

    assert claims.write_claims(claims.read_claims(profile), profile) == profile


@given(before=st.lists(a_write, max_size=4), entry=st.sampled_from(WRITABLE))
def test_an_empty_value_takes_a_typed_or_simple_claim_away(
    before: list[tuple[Claim, Any]], entry: Claim
) -> None:
    if isinstance(entry.place, Leading) or entry.name in {"username", "userprincipal"}:
        return
    after = claims.write(entry.uri, "", written(*before))

    expected = {"active": "true", "identity/accountDisabled": "false"}.get(entry.name)
    assert claims.read(entry.uri, after) == expected


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("givenname", {"name": {"givenName": "x"}}),
        ("emailaddress", {"emails": [{"value": "x", "primary": True}]}),
        ("emails.work", {"emails": [{"value": "x", "type": "work"}]}),
        ("mobile", {"phoneNumbers": [{"value": "x", "type": "mobile"}]}),
        ("streetaddress", {"addresses": [{"streetAddress": "x", "primary": True}]}),
        ("department", {ENTERPRISE: {"department": "x"}}),
        ("manager", {ENTERPRISE: {"manager": {"value": "x"}}}),
        ("gender", {CUSTOM: {"gender": "x"}}),
        ("division", {ENTERPRISE: {"division": "x"}}),
        ("stateorprovince", {"addresses": [{"region": "x", "primary": True}]}),
        ("local", {"locale": "x"}),
        ("employeeNumber", {ENTERPRISE: {"employeeNumber": "x"}}),
        ("im", {"ims": [{"value": "x", "primary": True}]}),
    ],
)
def test_a_claim_lives_where_its_name_says(name: str, document: dict[str, Any]) -> None:
    assert claims.write(DIALECT + name, "x", Profile()).document == document


def test_the_email_address_is_the_primary_one_else_the_first() -> None:
    emails: list[dict[str, Any]] = [{"value": "a"}, {"value": "b"}]
    assert claims.read(EMAIL, Profile(document={"emails": emails})) == "a"

    emails[1]["primary"] = True
    assert claims.read(EMAIL, Profile(document={"emails": emails})) == "b"


def test_writing_the_email_address_keeps_its_type_and_the_others() -> None:
    home = {"value": "h", "type": "home"}
    work = {"value": "w", "type": "work", "primary": True}
    before = Profile(document={"emails": [home, work], "title": "Boss"})

    after = claims.write(EMAIL, "new", before)

    assert after.document == {"emails": [home, {**work, "value": "new"}], "title": "Boss"}
    assert before.document["emails"][1]["value"] == "w"


def test_primary_and_work_address_part_when_they_are_given_two_values() -> None:
    before = Profile(document={"emails": [{"value": "w", "type": "work", "primary": True}]})

    after = claims.write_claims({EMAIL: "a", DIALECT + "emails.work": "b"}, before)

    assert after.document["emails"] == [
        {"value": "a", "primary": True},
        {"value": "b", "type": "work"},
    ]


def test_a_kept_phone_number_keeps_its_type() -> None:
    mobile = {"value": "1", "type": "mobile"}
    before = Profile(document={"phoneNumbers": [mobile, {"value": "2", "type": "work"}]})

    after = claims.write(DIALECT + "phoneNumbers", ["3", "1"], before)

    assert after.document["phoneNumbers"] == [{"value": "3"}, mobile]


def test_active_and_account_disabled_are_one_thing() -> None:
    disabled = claims.write(DIALECT + "identity/accountDisabled", True, Profile())

    assert not disabled.active
    assert claims.read(DIALECT + "active", disabled) == "false"
    assert claims.write(DIALECT + "active", "TRUE", disabled).active


def test_groups_are_read_and_never_written() -> None:
    profile = Profile(groups=["STAFF/sales", "Internal/admin"])

    assert claims.read(DIALECT + "role", profile) == ["STAFF/sales", "Internal/admin"]
    assert claims.read(DIALECT + "groups", profile) == ["STAFF/sales"]
    with pytest.raises(InvalidClaim, match="claims/role is read-only"):
        claims.write(DIALECT + "role", "admin", profile)


def test_a_list_in_the_custom_extension_survives_being_given_back() -> None:
    uri = DIALECT + "challengeQuestionUris"
    before = Profile(document={CUSTOM: {"challengeQuestionUris": ["a", "b"]}})

    assert claims.write(uri, claims.read(uri, before), before) == before
    assert claims.read(uri, claims.write(uri, ["b", "c"], before)) == ["b", "c"]


def test_an_unknown_claim_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(
        claims.UnknownClaim, match=r"did you mean http://wso2\.org/claims/given"
    ):
        claims.read(DIALECT + "givename", Profile())


@pytest.mark.parametrize("value", [{"a": 1}, 12, ["a", 1]])
def test_a_value_that_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(InvalidClaim, match="claims/title must be a text"):
        claims.write(DIALECT + "title", value, Profile())


def test_two_values_for_a_claim_of_one_are_refused() -> None:
    with pytest.raises(InvalidClaim, match="claims/title takes one value, not 2"):
        claims.write(DIALECT + "title", ["a", "b"], Profile())


def test_no_claim_is_listed_twice() -> None:
    uris = [entry.uri for entry in TABLE]

    assert len(uris) == len(set(uris))
