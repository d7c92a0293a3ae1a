from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.authenticators import MetadataRefused, read_metadata
from tests.fakes.saml.keys import pair
from tests.fakes.saml.metadata import (
    ENTITY,
    NAMESPACES,
    SIGN_ON,
    key_descriptor,
    metadata,
    service,
)

POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


def refusal(text: str) -> str:
    with pytest.raises(MetadataRefused) as caught:
        read_metadata(text)
    return str(caught.value)


def test_what_it_says_of_itself_is_read() -> None:
    read = read_metadata('<?xml version="1.0" encoding="UTF-8"?>\n' + metadata(pair()))

    assert (read.entity_id, read.sign_on) == (ENTITY, SIGN_ON)
    assert read.certificates == (pair().certificate,)
    assert not read.wants_signed_requests
    assert read.valid_until is None


def test_while_keys_change_both_count_and_one_for_encryption_does_not() -> None:
    text = metadata(pair("old"), pair("new"), pair("old"))
    encryption = key_descriptor(pair("other"), 'use="encryption"')

    read = read_metadata(text.replace("</IDPSSO", f"{encryption}</IDPSSO"))

    assert read.certificates == (pair("old").certificate, pair("new").certificate)


def test_a_key_of_no_use_is_for_both() -> None:
    text = metadata().replace('use="signing"', "")

    assert read_metadata(text).certificates == (pair().certificate,)


def test_of_several_services_the_one_for_redirect_is_taken() -> None:
    both = service(POST, "https://idp.example/post") + service()

    assert read_metadata(metadata(services=both)).sign_on == SIGN_ON


def test_the_identity_provider_is_found_among_others() -> None:
    other = f'<EntityDescriptor {NAMESPACES} entityID="x"><SPSSODescriptor/></EntityDescriptor>'
    text = f"<EntitiesDescriptor {NAMESPACES}>{other}{metadata()}</EntitiesDescriptor>"

    assert read_metadata(text).entity_id == ENTITY


def test_the_first_end_counts() -> None:
    ends = 'validUntil="2031-01-02T03:04:05Z"'
    text = metadata(role=ends, top=f'{NAMESPACES} validUntil="2032-01-01T00:00:00.000Z"')

    assert read_metadata(text).valid_until == datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not well-formed"),
        ("nonsense", "not well-formed"),
        ("<EntityDescriptor>", "not well-formed"),
        ("\ud800", "not well-formed"),
        (f"<!DOCTYPE a>{metadata()}", "DOCTYPE"),
        ("<a/>", "no SAML 2.0 identity provider"),
        (metadata(protocol="urn:oasis:names:tc:SAML:1.1:protocol"), "no SAML 2.0 identity"),
        (
            f"<EntitiesDescriptor {NAMESPACES}>{metadata()}{metadata()}</EntitiesDescriptor>",
            "2 identity providers",
        ),
        (metadata(entity=""), "entityID"),
        (metadata(entity="x" * 1025), "entityID"),
        (metadata(services=service(POST)), "HTTP-Redirect"),
        (metadata(services=service(place="javascript:alert(1)")), "no whole http"),
        (metadata(services=service(place="https://[")), "no whole http"),
        (metadata().replace('use="signing"', 'use="encryption"'), "no certificate"),
        (metadata().replace("X509Certificate>MII", "X509Certificate>AAA"), "cannot be read"),
        (metadata().replace("X509Certificate>MII", "X509Certificate>%%%"), "cannot be read"),
        (metadata(pair("weak", bits=1024)), "1024 bits"),
        (metadata(role='validUntil="soon"'), "validUntil"),
    ],
)
def test_what_nobody_could_sign_in_through_is_refused_in_words(text: str, said: str) -> None:
    assert said in refusal(text)


@given(st.integers(0, 1500), st.integers(0, 60), st.text(max_size=12))
def test_damaged_documents_are_refused_or_read_but_never_more(
    at: int, length: int, other: str
) -> None:
    whole = metadata()
    text = whole[:at] + other + whole[at + length :]

    try:
        read = read_metadata(text)
    except MetadataRefused:
        return
    assert read.sign_on
    assert read.certificates
