"""Only what the identity provider has signed is believed, however it is wrapped."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from provisioning.inbound.saml import Theirs
from tests.fakes.saml.documents import (
    ENVELOPED,
    EXCLUSIVE,
    NAMESPACES,
    RSA,
    RSA_SHA1,
    SHA1,
    SHA256,
    Document,
    posted,
    signed,
    template,
)
from tests.fakes.saml.keys import pair
from tests.fakes.saml.metadata import ENTITY, SIGN_ON
from tests.provisioning.inbound.saml.test_responses import refusal, taken

GENUINE = Document()
EVIL = Document(subject="root", signature="").assertion.replace("_assertion", "_evil")


def genuine() -> str:
    return signed(GENUINE.response())


def assertion(document: str) -> str:
    [found] = re.findall(r"<saml:Assertion.*</saml:Assertion>", document, re.DOTALL)
    return str(found)


def signature(document: str) -> str:
    [found] = re.findall(r"<ds:Signature .*?</ds:Signature>", document, re.DOTALL)
    return str(found)


def test_a_response_without_a_signature_is_refused() -> None:
    assert "neither the response nor the assertion" in refusal(
        replace(GENUINE, signature="").response()
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (">kim<", ">root<"),
        ("2026-11-27T12:05", "2026-11-27T13:05"),
        ("<saml:Audience>", "<saml:Audience>x</saml:Audience><saml:Audience>"),
    ],
)
def test_what_was_changed_after_it_was_signed_is_refused(old: str, new: str) -> None:
    assert "changed since" in refusal(genuine().replace(old, new))


def test_a_signature_that_was_changed_is_refused() -> None:
    document = genuine()
    value = re.search(r"<ds:SignatureValue>\s*([\w+/]{8})", document)
    assert value is not None

    assert "no key" in refusal(document.replace(value[1], "AAAAAAAA"))


def test_the_key_of_another_identity_provider_is_no_key_here() -> None:
    assert "no key" in refusal(signed(GENUINE.response(), pair("somebody else")))


def test_a_key_that_comes_along_in_the_signature_is_no_key() -> None:
    stranger = pair("somebody else")
    info = (
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
        f"{stranger.in_metadata}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
    brought = replace(
        GENUINE, signature=template("_assertion").replace("</ds:Signature>", info)
    )

    assert "no key" in refusal(signed(brought.response(), stranger))
    assert taken(signed(brought.response())).subject == "kim"


def test_a_certificate_that_has_ended_is_refused() -> None:
    old = pair("ended", days=-1)
    theirs = Theirs(ENTITY, SIGN_ON, (old.certificate,))

    assert "certificate of the identity provider has ended" in refusal(
        signed(GENUINE.response(), old), theirs=theirs
    )


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (template("_assertion", method=RSA_SHA1), "rsa-sha1 are not taken"),
        (template("_assertion", digest=SHA1), "sha1 are not taken"),
        (
            template("_assertion", canonical="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
            "not canonicalized exclusively",
        ),
        (
            template("_assertion", canonical=f"{EXCLUSIVE}WithComments"),
            "not canonicalized exclusively",
        ),
        (template("_assertion", transforms=(ENVELOPED,)), "transforms"),
        (
            template("_assertion", transforms=(ENVELOPED, f"{EXCLUSIVE}WithComments")),
            "transforms",
        ),
        (template("").replace('"#"', '""'), "something else"),
    ],
)
def test_a_signature_of_another_form_is_refused_though_it_holds(form: str, said: str) -> None:
    assert said in refusal(signed(replace(GENUINE, signature=form).response()))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (template("_assertion", transforms=(EXCLUSIVE, ENVELOPED)), "transforms"),
        (template("_assertion", transforms=()), "transforms"),
        (template("_response"), "something else"),
        (template("_elsewhere"), "something else"),
    ],
)
def test_a_signature_that_could_not_even_be_made_is_refused(form: str, said: str) -> None:
    assert said in refusal(replace(GENUINE, signature=form).response())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (RSA, "http://www.w3.org/2000/09/xmldsig#hmac-sha1", "hmac-sha1 are not taken"),
        (RSA, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "hmac-sha256 are not"),
        (RSA, "", "signatures by  are not taken"),
        (SHA256, "none", "digests by none are not taken"),
        ("<ds:DigestMethod", "<ds:Digest", "digests by  are not taken"),
        ("</ds:Signature>", "<ds:Object/></ds:Signature>", "form"),
        ("ds:SignedInfo", "ds:Signed", "form"),
    ],
)
def test_a_signature_of_no_known_form_is_refused(old: str, new: str, said: str) -> None:
    assert said in refusal(genuine().replace(old, new))


def two_references(document: str) -> str:
    [reference] = re.findall(r"<ds:Reference.*</ds:Reference>", document, re.DOTALL)
    return document.replace(reference, reference + reference.replace("_assertion", "_response"))


def test_a_signature_of_two_things_is_refused() -> None:
    assert "something else" in refusal(two_references(genuine()))


def wrappings() -> dict[str, str]:
    """Known ways to have one assertion checked and another one used (XSW), and some more."""
    document = genuine()
    good, sign = assertion(document), signature(document)
    bare = good.replace(sign, "")
    whole = signed(
        replace(GENUINE, signature="", response_signature=template("_response")).response(),
        within="Response",
    )
    inside = whole[whole.index("<samlp:Response") :]
    outer_sign = signature(whole)
    unsigned = inside.replace(outer_sign, "")
    carried = sign.replace("</ds:Signature>", f"<ds:Object>{bare}</ds:Object></ds:Signature>")
    evil_response = Document(subject="root", signature="").response()
    evil_response = evil_response.replace("_response", "_evil")
    return {
        "xsw1": evil_response.replace(
            "<samlp:Status>",
            outer_sign.replace(
                "</ds:Signature>", f"<ds:Object>{unsigned}</ds:Object></ds:Signature>"
            )
            + "<samlp:Status>",
            1,
        ),
        "xsw2": evil_response.replace(
            "<samlp:Status>", f"{unsigned}{outer_sign}<samlp:Status>", 1
        ),
        "xsw3": document.replace(good, EVIL + good),
        "xsw4": document.replace(
            good, EVIL.replace("</saml:Assertion>", f"{good}</saml:Assertion>")
        ),
        "xsw5": document.replace(
            good, EVIL.replace("<saml:Subject>", f"{sign}<saml:Subject>") + bare
        ),
        "xsw6": document.replace(
            good, EVIL.replace("<saml:Subject>", f"{carried}<saml:Subject>")
        ),
        "xsw7": document.replace(good, f"<samlp:Extensions>{EVIL}</samlp:Extensions>{good}"),
        "xsw8": document.replace(
            good,
            EVIL.replace(
                "<saml:Subject>",
                sign.replace("</ds:Signature>", f"<ds:Object>{good}</ds:Object></ds:Signature>")
                + "<saml:Subject>",
            ),
        ),
        "advice": document.replace(good, EVIL + f"<saml:Advice>{good}</saml:Advice>"),
        "hidden": document.replace(good, f"<x>{good}</x>" + EVIL),
        "same id": document.replace(good, f'<x ID="_assertion"/>{good}'),
        "id of another kind": document.replace(good, f'<x Id="_assertion"/>{good}'),
        "xml:id": document.replace(good, f'<x xml:id="_assertion"/>{good}'),
        "moved to the response": document.replace(good, EVIL).replace(
            "<samlp:Status>", f"{sign}<samlp:Status>", 1
        ),
        "signature elsewhere": document.replace(good, f"<x>{sign}</x>{good}"),
        "two signatures": document.replace(sign, sign + sign),
        "no assertion in its place": document.replace(good, f"<x>{good}</x>"),
    }


def test_a_signed_part_wrapped_into_another_document_is_refused(
    subtests: pytest.Subtests,
) -> None:
    for way, document in wrappings().items():
        with subtests.test(way):
            assert refusal(document)


def test_the_whole_of_a_name_counts_whatever_comments_cut_it() -> None:
    document = genuine().replace(">kim<", ">ki<!-- -->m<")
    longer = signed(Document(subject="kim<!-- -->.evil.example").response())

    assert taken(document).subject == "kim"
    assert taken(longer).subject == "kim.evil.example"


def test_a_doctype_is_refused_before_anything_else() -> None:
    document = genuine().split("?>", 1)[-1]
    bomb = '<!DOCTYPE a [<!ENTITY a "root">]>' + document.replace(">kim<", ">&a;<")

    assert "DOCTYPE" in refusal("<!DOCTYPE a>" + document)
    assert "DOCTYPE" in refusal(bomb)
    assert "well-formed" in refusal(document.replace(">kim<", ">&a;<"))


def test_what_is_no_response_is_refused() -> None:
    good = assertion(genuine())

    assert "no SAML 2.0 response" in refusal(good)
    assert "no SAML 2.0 response" in refusal(f"<samlp:LogoutResponse {NAMESPACES}/>")
    assert "well-formed" in refusal("")
    assert posted("") == ""
