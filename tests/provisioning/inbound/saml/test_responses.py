"""What must hold before somebody is believed to be who the response says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from provisioning.inbound.saml import Asserted, Ours, SamlRefused, Theirs, read
from tests.fakes.saml.documents import (
    CONSUMER,
    EXCLUSIVE,
    FORMAT,
    NOW,
    REQUEST,
    US,
    Document,
    posted,
    signed,
    stamp,
    template,
)
from tests.fakes.saml.keys import pair
from tests.fakes.saml.metadata import ENTITY, SIGN_ON

OURS = Ours(US, CONSUMER)
THEIRS = Theirs(ENTITY, SIGN_ON, (pair().certificate,))
OTHER = "https://other.example/"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"


def taken(document: str, **more: Any) -> Asserted:
    given = {"asked": REQUEST, "ours": OURS, "theirs": THEIRS, "now": NOW, **more}
    return read(posted(document), **given)


def refusal(document: str, **more: Any) -> str:
    with pytest.raises(SamlRefused) as caught:
        taken(document, **more)
    return str(caught.value)


def response(**parts: str) -> str:
    return signed(Document(**parts).response())


def test_a_signed_assertion_says_who_it_is() -> None:
    told = taken(response())

    assert (told.subject, told.claims, told.assertion_id) == ("kim", {}, "_assertion")
    assert told.until == NOW + timedelta(minutes=6)


def test_a_signed_response_does_as_well_and_so_do_both() -> None:
    only = Document(signature="", response_signature=template("_response"))
    both = Document(response_signature=template("_response"))

    assert taken(signed(only.response(), within="Response")).subject == "kim"
    twice = signed(signed(both.response(), within="Assertion"), within="Response")
    assert taken(twice).subject == "kim"


def test_with_two_keys_in_the_metadata_either_may_have_signed() -> None:
    theirs = Theirs(ENTITY, SIGN_ON, (pair("old").certificate, pair("new").certificate))

    for name in ("old", "new"):
        assert taken(signed(Document().response(), pair(name)), theirs=theirs).subject == "kim"


def test_attributes_are_claims() -> None:
    values = (
        '<saml:AttributeStatement xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<saml:Attribute Name="mail"><saml:AttributeValue> kim@acme.example '
        "</saml:AttributeValue></saml:Attribute>"
        '<saml:Attribute Name="groups"><saml:AttributeValue>a</saml:AttributeValue>'
        "<saml:AttributeValue>b</saml:AttributeValue></saml:Attribute>"
        '<saml:Attribute Name="groups"><saml:AttributeValue>c</saml:AttributeValue>'
        "</saml:Attribute>"
        '<saml:Attribute Name="id"><saml:AttributeValue><saml:NameID>7</saml:NameID>'
        "</saml:AttributeValue></saml:Attribute>"
        '<saml:Attribute Name="none"><saml:AttributeValue xsi:nil="true"/></saml:Attribute>'
        '<saml:Attribute Name="odd"><saml:AttributeValue><x><y/></x></saml:AttributeValue>'
        "</saml:Attribute></saml:AttributeStatement>"
    )

    assert taken(response(attributes=values)).claims == {
        "mail": "kim@acme.example",
        "groups": ["a", "b", "c"],
        "id": "7",
        "none": [],
        "odd": [],
    }


def test_prefixes_that_are_declared_outside_and_named_for_it_are_signed_along() -> None:
    """As Okta, Entra ID and AD FS write typed values."""
    named = (
        f'<ds:Transform Algorithm="{EXCLUSIVE}"><ec:InclusiveNamespaces '
        f'xmlns:ec="{EXCLUSIVE}" PrefixList="xs"/></ds:Transform>'
    )
    plain = f'<ds:Transform Algorithm="{EXCLUSIVE}"/>'
    value = (
        '<saml:AttributeStatement><saml:Attribute Name="title"><saml:AttributeValue '
        'xsi:type="xs:string">Head</saml:AttributeValue></saml:Attribute>'
        "</saml:AttributeStatement>"
    )
    document = Document(
        attributes=value, signature=template("_assertion").replace(plain, named)
    ).response()
    outside = (
        '<samlp:Response xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )

    told = taken(signed(document.replace("<samlp:Response", outside)))

    assert told.claims == {"title": "Head"}


AWAY = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"issuer": f"<saml:Issuer>{OTHER}</saml:Issuer>"}, "the issuer is https://other"),
        ({"issuer": ""}, "the issuer is missing"),
        ({"issuer": f'<saml:Issuer Format="x">{ENTITY}</saml:Issuer>'}, "the issuer is"),
        ({"response_issuer": f"<saml:Issuer>{OTHER}</saml:Issuer>"}, "the issuer is"),
        ({"recipient": f'Recipient="{OTHER}"'}, "another address (Recipient)"),
        ({"recipient": ""}, "another address (Recipient)"),
        ({"answers": 'InResponseTo="_other"'}, "answers another request"),
        ({"answers": ""}, "answers another request"),
        ({"shown_until": ""}, "until when"),
        ({"shown_until": f'NotOnOrAfter="{stamp(-AWAY)}"'}, "not valid any more"),
        ({"shown_until": f'NotOnOrAfter="{stamp(timedelta(days=9))}"'}, "more than a day"),
        ({"shown_until": 'NotOnOrAfter="soon"'}, "NotOnOrAfter is no moment"),
        ({"shown_until": 'NotOnOrAfter="0001-01-01T00:00:00+14:00"'}, "is no moment"),
        ({"method": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"}, "who may show it"),
        ({"window": f'NotBefore="{stamp(AWAY)}"'}, "not valid yet"),
        ({"window": f'NotOnOrAfter="{stamp(-AWAY)}"'}, "not valid any more"),
        ({"audience": ""}, "whom it is for (AudienceRestriction)"),
        ({"conditions": ""}, "whom it is for (Conditions)"),
        (
            {"audience": Document().audience.replace(US, OTHER)},
            "for somebody else, not for https://purveyor",
        ),
        (
            {"audience": Document().audience + Document().audience.replace(US, OTHER)},
            "for somebody else",
        ),
        (
            {"audience": Document().audience + "<saml:Condition/>"},
            "condition that is not known",
        ),
        ({"authenticated": ""}, "that somebody has signed in"),
        (
            {
                "authenticated": f'<saml:AuthnStatement AuthnInstant="{stamp(-AWAY)}" '
                f'SessionNotOnOrAfter="{stamp(-AWAY)}"/>'
            },
            "session at the identity provider has ended",
        ),
        ({"issued": stamp(AWAY)}, "in the future"),
        ({"version": 'Version="1.1"'}, "not of version 2.0"),
        ({"name_id": f'Format="{FORMAT}transient"'}, "transient"),
        ({"name_id": f'SPNameQualifier="{OTHER}"'}, "SPNameQualifier"),
        (
            {"name_id": f'Format="{FORMAT}persistent" NameQualifier="{OTHER}"'},
            "NameQualifier",
        ),
        ({"subject": ""}, "1 to 255 characters"),
        ({"subject": "x" * 256}, "1 to 255 characters"),
        ({"subject": "kim<saml:NameID>root</saml:NameID>"}, "1 to 255 characters"),
        ({"response_attributes": f'Destination="{CONSUMER}"'}, "nobody asked"),
        (
            {"response_attributes": f'Destination="{CONSUMER}" InResponseTo="_other"'},
            "answers another request",
        ),
        (
            {"response_attributes": f'Destination="{OTHER}" InResponseTo="{REQUEST}"'},
            "another address (Destination)",
        ),
        ({"response_attributes": f'InResponseTo="{REQUEST}"'}, "another address (Destination)"),
    ],
)
def test_what_does_not_hold_is_refused_though_it_is_signed(
    parts: dict[str, str], said: str
) -> None:
    assert said in refusal(response(**parts))


@pytest.mark.parametrize(
    "parts",
    [
        {"window": f'NotBefore="{stamp(timedelta(seconds=50))}"'},
        {"window": f'NotOnOrAfter="{stamp(-timedelta(seconds=50))}"'},
        {"shown_until": f'NotOnOrAfter="{stamp(-timedelta(seconds=50))}"'},
        {"window": ""},
        {"name_id": ""},
        {"audience": Document().audience.replace("<saml:Audience>", "<saml:Audience> ")},
        {"issuer": f"<saml:Issuer>\n{ENTITY}\n</saml:Issuer>"},
        {"response_issuer": ""},
        {"audience": Document().audience + "<saml:OneTimeUse/>"},
        {"window": 'NotBefore="2026-11-27T11:59:00.1234567Z"'},
        {"window": 'NotOnOrAfter="2026-11-27T14:05:00+02:00"'},
    ],
)
def test_clocks_may_differ_by_a_little_and_documents_as_the_standard_allows(
    parts: dict[str, str],
) -> None:
    assert taken(response(**parts)).subject == "kim"


def test_a_format_that_was_asked_for_must_come() -> None:
    email = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"

    assert "not of the format" in refusal(
        response(), ours=Ours(US, CONSUMER, name_id_format=email)
    )
    assert taken(response(), ours=Ours(US, CONSUMER, name_id_format=UNSPECIFIED)).subject


@pytest.mark.parametrize(
    ("inner", "message", "said"),
    [
        ("AuthnFailed", "", "signed nobody in: AuthnFailed"),
        ("RequestDenied", "Not today", "RequestDenied (Not today)"),
    ],
)
def test_that_nobody_was_signed_in_is_told_in_its_words(
    inner: str, message: str, said: str
) -> None:
    urn = "urn:oasis:names:tc:SAML:2.0:status"
    told = f"<samlp:StatusMessage>{message}</samlp:StatusMessage>" if message else ""
    status = (
        f'<samlp:Status><samlp:StatusCode Value="{urn}:Responder">'
        f'<samlp:StatusCode Value="{urn}:{inner}"/></samlp:StatusCode>{told}</samlp:Status>'
    )

    assert said in refusal(Document(status=status).response(""))


def test_an_encrypted_assertion_is_refused_in_words() -> None:
    assert "encrypted" in refusal(Document().response("<saml:EncryptedAssertion/>"))


def test_a_response_of_nothing_is_refused() -> None:
    assert "no status" in refusal(Document(status="").response())
    assert "no assertion" in refusal(Document().response(""))
