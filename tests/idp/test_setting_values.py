"""Settings that are more than a text: numbers, claims, files, and those others hide."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from idp.connector_settings import clean, save_settings
from idp.models import ClaimMapping, IdentityProvider, OutboundConnector, Tenant
from idp.setting_values import from_upload
from tests.factories import make_claim

NEEDED = {"token": "abcdefgh"}
GIVEN = "http://wso2.org/claims/givenname"
BADGE = "http://wso2.org/claims/badge"


def refusal(submitted: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as raised:
        clean("every", submitted)
    messages: dict[str, list[str]] = raised.value.message_dict
    return messages


@pytest.fixture
def provider(tenant: Tenant) -> IdentityProvider:
    return IdentityProvider.objects.create(tenant=tenant, name="partner")


@pytest.fixture
def connector(provider: IdentityProvider, every: str) -> OutboundConnector:
    connector = OutboundConnector(provider=provider, type=every)
    save_settings(connector, NEEDED)
    return connector


def test_what_is_hidden_is_not_required(every: str) -> None:
    assert clean(every, NEEDED).values["key_file"] == ""

    assert refusal({}) == {"token": ["Token is required."]}
    assert refusal({"login": "key"}) == {"key_file": ["Key file is required."]}


def test_what_a_hidden_field_would_show_is_not_required_either(every: str) -> None:
    with_key = {"login": "key", "key_file": "x", "encrypted": True}

    assert clean(every, {**NEEDED, "encrypted": True}).values["encrypted"] is True
    assert refusal(with_key) == {"key_password": ["Key password is required."]}
    assert clean(every, {**with_key, "key_password": "pw"}).values["key_password"] == "pw"


def test_what_becomes_hidden_keeps_its_value(every: str) -> None:
    before = clean(every, NEEDED).values

    after = clean(every, {"login": "key", "key_file": "x"}, before).values

    assert after["token"] == "abcdefgh"


def test_a_hidden_value_must_still_be_one(every: str) -> None:
    assert list(refusal({"login": "key", "key_file": "x", "token": "short"})) == ["token"]


@pytest.mark.parametrize(
    ("written", "number"),
    [("7", 7), (7, 7), ("-2", -2), ("0.5", 0.5), (0.5, 0.5), ("1e3", 1000.0), ("", "")],
)
def test_numbers_are_stored_as_numbers(every: str, written: object, number: object) -> None:
    value = clean(every, {**NEEDED, "ratio": written}).values["ratio"]

    assert (value, type(value)) == (number, type(number))


@pytest.mark.parametrize("odd", ["a", "1_000", "nan", "inf", "1,5", "9" * 400, True, ["1"]])
def test_what_is_no_number_is_refused(every: str, odd: object) -> None:
    assert list(refusal({**NEEDED, "ratio": odd})) == ["ratio"]


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        (["blue", " red ", "", "blue"], ["blue", "red"]),
        ("blue\n\nred\n", ["blue", "red"]),
        ([], []),
        (None, ["red"]),
    ],
)
def test_lists_are_stored_without_blanks_and_doubles(
    every: str, written: object, texts: list[str]
) -> None:
    assert clean(every, {**NEEDED, "colours": written}).values["colours"] == texts


@pytest.mark.parametrize("odd", [7, True, {"a": "b"}, [["red"]], [None], ["Red"]])
def test_what_is_no_list_of_texts_is_refused(every: str, odd: object) -> None:
    assert list(refusal({**NEEDED, "colours": odd})) == ["colours"]


def test_a_list_that_was_declared_later_has_its_default_and_has_not_changed(every: str) -> None:
    before = {k: v for k, v in clean(every, NEEDED).values.items() if k != "colours"}

    after = clean(every, {}, before)

    assert (after.values["colours"], after.changed) == (["red"], False)


@pytest.mark.parametrize(
    ("name", "odd", "shown"),
    [
        ("code", "ab-12", "Code cannot be “ab-12”. Like AB-12."),
        ("pages", "2.5", "Pages cannot be “2.5”."),
        ("token", "Hush-Hush", "Token cannot be what was given. Eight letters."),
    ],
)
def test_what_is_not_of_the_declared_form_is_refused_and_no_secret_quoted(
    every: str, name: str, odd: str, shown: str
) -> None:
    assert refusal({**NEEDED, name: odd}) == {name: [shown]}


def test_an_expression_that_would_take_for_ever_does_not(every: str) -> None:
    """RE2 has no backtracking; Python's own would not come back from this."""
    assert list(refusal({**NEEDED, "code": "A" * 60_000})) == ["code"]


def test_a_file_may_be_so_large(every: str) -> None:
    binary = base64.b64encode(bytes(range(250)) * 4).decode()
    assert clean(every, {**NEEDED, "key_file": binary}).values["key_file"] == binary

    messages = refusal({**NEEDED, "key_file": "-" * 1001})

    assert messages == {"key_file": ["Key file is too large: 1,001 bytes of at most 1,000."]}


def test_only_a_file_may_be_no_text(every: str) -> None:
    given = {"token": from_upload(b"\xff\xfe"), "key_file": from_upload(b"\xff\xfe")}

    assert refusal(given) == {"token": ["Token must be a text in UTF-8."]}


def test_an_empty_file_keeps_the_stored_one_and_none_clears_it(every: str) -> None:
    stored = clean(every, {**NEEDED, "banner": "hello"}).values

    assert clean(every, {"banner": ""}, stored).values["banner"] == "hello"
    assert clean(every, {"banner": None}, stored).values["banner"] == ""


@given(st.binary(max_size=200))
def test_an_upload_can_be_taken_back_out(content: bytes) -> None:
    text = from_upload(content)

    plain = content.removeprefix(b"\xef\xbb\xbf")
    assert text.encode() == plain or base64.b64decode(text, validate=True) == content


def test_a_claim_must_be_one_of_the_tenants(
    connector: OutboundConnector, tenant: Tenant
) -> None:
    save_settings(connector, {"badge_claim": GIVEN})
    with pytest.raises(ValidationError, match=r"Badge claim: there is no claim .*badge"):
        save_settings(connector, {"badge_claim": BADGE})

    make_claim(tenant, "badge")
    save_settings(connector, {"badge_claim": BADGE})

    connector.refresh_from_db()
    assert connector.settings["badge_claim"] == BADGE


def test_with_a_dialect_of_its_own_a_claim_may_be_a_remote_name(
    connector: OutboundConnector, provider: IdentityProvider
) -> None:
    ClaimMapping.objects.create(provider=provider, remote="FirstName", local=GIVEN)
    with pytest.raises(ValidationError, match="FirstName"):
        save_settings(connector, {"badge_claim": "FirstName"})

    provider.claim_dialect = "custom"
    provider.save()
    save_settings(connector, {"badge_claim": "FirstName"})

    connector.refresh_from_db()
    assert connector.settings["badge_claim"] == "FirstName"


def test_a_claim_that_has_gone_since_is_in_nobodys_way(
    connector: OutboundConnector, tenant: Tenant
) -> None:
    claim = make_claim(tenant, "badge")
    save_settings(connector, {"badge_claim": BADGE})
    claim.delete()
    tenant.refresh_from_db()

    save_settings(connector, {"pages": 20})

    connector.refresh_from_db()
    assert (connector.settings["pages"], connector.settings["badge_claim"]) == (20, BADGE)
