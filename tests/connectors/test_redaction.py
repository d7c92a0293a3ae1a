from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.redaction import MASK, SHOWN, Redactor


@given(
    secret=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=4),
    username=st.text("abcdefgh", max_size=6),
)
def test_a_hidden_value_is_masked_however_it_is_written(secret: str, username: str) -> None:
    redactor = Redactor()
    redactor.hide(secret)
    pair = base64.b64encode(f"{username}:{secret}".encode()).decode()

    for text in (
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    ):
        assert redactor.text(f"<{text}>") == f"<{MASK}>"
    kept = redactor.text(pair)
    assert kept != pair
    # A few characters at each end of a base64 run carry bits of its neighbours.
    assert len(kept) - len(MASK) <= len(username) * 2 + 8


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "apikey"],
)
def test_headers_that_carry_credentials_are_masked(name: str) -> None:
    assert Redactor().headers({name: "anything", "Accept": "*/*"}) == {
        name: MASK,
        "Accept": "*/*",
    }


def test_a_key_in_a_header_of_any_name_is_masked_once_hidden() -> None:
    redactor = Redactor()
    redactor.hide("key-4711")

    assert redactor.headers({"X-Door": "key-4711"}) == {"X-Door": MASK}


def test_json_keys_are_masked_at_any_depth() -> None:
    document = {
        "userName": "kim",
        "password": "one",
        "a": [{"client_secret": "two"}, {"accessToken": {"deep": "three"}}],
        "private_key": "four",
    }

    shown = Redactor().body(json.dumps(document).encode())

    assert not any(secret in shown for secret in ("one", "two", "three", "four"))
    assert "kim" in shown


@pytest.mark.parametrize(
    "key", ["PassWord", "pa\u017f\u017fword", "api_\u212aey", "pass\\u0077ord"]
)
def test_a_word_is_recognised_however_it_is_written(key: str) -> None:
    shown = Redactor().body(f'{{"{key}": "one", "title": "Dr"}}'.encode())

    assert "one" not in shown
    assert "Dr" in shown


def test_a_document_without_secrets_is_shown_as_it_was() -> None:
    redactor = Redactor()
    redactor.hide("hidden-value")
    said = '{"userName":"kim",  "title" : "Dr hidden-value"}'

    assert redactor.body(said.encode()) == said.replace("hidden-value", MASK)


def test_a_header_seen_before_is_masked_when_its_value_becomes_a_secret() -> None:
    redactor = Redactor()
    assert redactor.headers({"X-Door": "key-4711"}) == {"X-Door": "key-4711"}

    redactor.hide("key-4711")

    assert redactor.headers({"X-Door": "key-4711"}) == {"X-Door": MASK}


def test_a_patch_that_sets_a_password_is_masked() -> None:
    document = {
        "Operations": [
            {"op": "replace", "path": "password", "value": "one"},
            {"op": "replace", "value": {"password": "two"}},
            {"op": "replace", "path": "title", "value": "Dr"},
        ]
    }

    shown = Redactor().body(json.dumps(document).encode())

    assert "one" not in shown
    assert "two" not in shown
    assert "Dr" in shown


def test_a_broken_document_is_masked_all_the_same() -> None:
    shown = Redactor().body(b'{"a": 1, "password": "o\\"ne", "token": 4711, "b": ')

    assert "ne" not in shown
    assert "4711" not in shown


def test_forms_and_query_strings_are_masked() -> None:
    form = urlencode({"grant_type": "password", "client_secret": "a&b", "password": "c"})

    shown = Redactor().body(form.encode(), "application/x-www-form-urlencoded")
    url = Redactor().url("https://host/path?access_token=abc&page=2")

    assert shown == "grant_type=password&client_secret=***&password=***"
    assert url == "https://host/path?access_token=***&page=2"


def test_xml_elements_are_masked() -> None:
    shown = Redactor().body(b"<a><wsse:Password Type='x'>one</wsse:Password><b>kim</b></a>")

    assert "one" not in shown
    assert "kim" in shown


def test_long_bodies_are_cut_after_they_were_masked() -> None:
    redactor = Redactor()
    secret = "S3cret" * 50
    redactor.hide(secret)

    shown = redactor.body(("x" * (SHOWN - 5) + secret).encode())

    assert "S3c" not in shown
    assert len(shown) < SHOWN + 10


def test_what_was_hidden_for_a_job_is_forgotten_with_it() -> None:
    redactor = Redactor()
    redactor.hide("lasting")
    redactor.hide("passing", for_this_job=True)
    assert redactor.text("lasting passing") == f"{MASK} {MASK}"

    redactor.forget_job()

    assert redactor.text("lasting passing") == f"{MASK} passing"


def test_hiding_nothing_hides_nothing() -> None:
    redactor = Redactor()
    redactor.hide("")

    assert redactor.text("abc") == "abc"


def test_half_characters_and_nul_do_no_harm() -> None:
    redactor = Redactor()
    redactor.hide("half\ud800")

    assert redactor.text("half\ud800 a\0b") == f"{MASK} a\ufffdb"


@given(st.binary(max_size=300))
def test_any_body_can_be_shown(body: bytes) -> None:
    Redactor().body(body)
    Redactor().body(body, "application/x-www-form-urlencoded")
