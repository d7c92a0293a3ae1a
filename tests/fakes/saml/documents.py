"""Responses as an identity provider could write them, right or wrong in any part, signed by
xmlsec1: another implementation than ours."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.saml.keys import Pair, pair
from tests.fakes.saml.metadata import ENTITY

US = "https://purveyor.example/login/corporate/metadata/"
CONSUMER = "https://purveyor.example/login/corporate/acs/"
REQUEST = "_request-1"
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
NAMESPACES = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
    'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)
RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"


def stamp(offset: timedelta = timedelta()) -> str:
    return f"{NOW + offset:%Y-%m-%dT%H:%M:%SZ}"


def template(
    id: str,
    method: str = RSA,
    digest: str = SHA256,
    canonical: str = EXCLUSIVE,
    transforms: tuple[str, ...] = (ENVELOPED, EXCLUSIVE),
) -> str:
    """A signature still to be computed."""
    steps = "".join(f'<ds:Transform Algorithm="{one}"/>' for one in transforms)
    return (
        '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{canonical}"/>'
        f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI="#{id}">'
        f'<ds:Transforms>{steps}</ds:Transforms><ds:DigestMethod Algorithm="{digest}"/>'
        "<ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>"
    )


@dataclass
class Document:
    """Every part of a response; each may be replaced by another text."""

    subject: str = "kim"
    name_id: str = f'Format="{FORMAT}persistent"'
    issuer: str = f"<saml:Issuer>{ENTITY}</saml:Issuer>"
    recipient: str = f'Recipient="{CONSUMER}"'
    answers: str = f'InResponseTo="{REQUEST}"'
    shown_until: str = f'NotOnOrAfter="{stamp(timedelta(minutes=5))}"'
    method: str = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    window: str = (
        f'NotBefore="{stamp(-timedelta(minutes=1))}" '
        f'NotOnOrAfter="{stamp(timedelta(minutes=5))}"'
    )
    audience: str = (
        f"<saml:AudienceRestriction><saml:Audience>{US}</saml:Audience>"
        "</saml:AudienceRestriction>"
    )
    conditions: str = "<saml:Conditions {window}>{audience}</saml:Conditions>"
    authenticated: str = f'<saml:AuthnStatement AuthnInstant="{stamp()}"/>'
    attributes: str = ""
    issued: str = field(default_factory=stamp)
    version: str = 'Version="2.0"'
    response_attributes: str = f'Destination="{CONSUMER}" InResponseTo="{REQUEST}"'
    response_issuer: str = f"<saml:Issuer>{ENTITY}</saml:Issuer>"
    status: str = (
        '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'
        "</samlp:Status>"
    )
    signature: str = field(default_factory=lambda: template("_assertion"))
    response_signature: str = ""

    @property
    def assertion(self) -> str:
        conditions = self.conditions.format(window=self.window, audience=self.audience)
        return (
            f'<saml:Assertion {NAMESPACES} ID="_assertion" {self.version} '
            f'IssueInstant="{self.issued}">{self.issuer}{self.signature}<saml:Subject>'
            f"<saml:NameID {self.name_id}>{self.subject}</saml:NameID>"
            f'<saml:SubjectConfirmation Method="{self.method}"><saml:SubjectConfirmationData '
            f"{self.recipient} {self.answers} {self.shown_until}/></saml:SubjectConfirmation>"
            f"</saml:Subject>{conditions}{self.authenticated}{self.attributes}"
            "</saml:Assertion>"
        )

    def response(self, content: str | None = None) -> str:
        return (
            f'<samlp:Response {NAMESPACES} ID="_response" Version="2.0" '
            f'IssueInstant="{stamp()}" {self.response_attributes}>{self.response_issuer}'
            f"{self.response_signature}{self.status}"
            f"{self.assertion if content is None else content}</samlp:Response>"
        )


def xmlsec1() -> str:
    """Its path; skips the test, or fails it on CI, where it is not there."""
    found = shutil.which("xmlsec1")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("xmlsec1 is not there")
        pytest.skip("xmlsec1 is not there")
    return str(found)


def signed(document: str, key: Pair | None = None, *, within: str = "Assertion") -> str:
    """With the first signature that is not computed yet, of the element of that name."""
    kind = {"Assertion": "assertion", "Response": "protocol"}[within]
    with tempfile.TemporaryDirectory() as folder:
        source, secret = Path(folder, "in.xml"), Path(folder, "key.pem")
        source.write_text(document)
        secret.write_text((key or pair()).key_pem)
        done = subprocess.run(
            [
                xmlsec1(),
                "--sign",
                "--privkey-pem",
                secret,
                "--id-attr:ID",
                f"urn:oasis:names:tc:SAML:2.0:{kind}:{within}",
                "--node-xpath",
                f"(//*[local-name()='{within}']/*[local-name()='Signature'])[1]",
                source,
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout


def posted(document: str) -> str:
    return base64.b64encode(document.encode()).decode()
