"""Asking an identity provider who somebody is: an AuthnRequest by HTTP-Redirect
(bindings, 3.4)."""

from __future__ import annotations

import base64
import secrets
import zlib
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from django.utils import timezone
from lxml import etree

from idp.authenticators.signing_keys import SigningKey
from provisioning.inbound.saml.names import POST, SAML, SAMLP, saml, samlp
from provisioning.inbound.saml.parties import Ours, Theirs

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


@dataclass(frozen=True, slots=True)
class Asked:
    """`id` is what an answer must be to; `location` is where the browser goes."""

    id: str
    location: str


def ask(ours: Ours, theirs: Theirs, relay_state: str) -> Asked:
    """`relay_state` has at most 80 bytes and comes back as it is (bindings, 3.4.3)."""
    id = f"_{secrets.token_hex(20)}"
    document = etree.tostring(_document(id, ours, theirs))
    query = urlencode({"SAMLRequest": _deflated(document), "RelayState": relay_state})
    if ours.key is not None:
        query = _signed(query, ours.key)
    parts = urlsplit(theirs.sign_on)
    whole = f"{parts.query}&{query}" if parts.query else query
    return Asked(id, urlunsplit(parts._replace(query=whole, fragment="")))


def _document(id: str, ours: Ours, theirs: Theirs) -> etree._Element:
    root = etree.Element(
        samlp("AuthnRequest"),
        {
            "ID": id,
            "Version": "2.0",
            "IssueInstant": f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}",
            "Destination": theirs.sign_on,
            "AssertionConsumerServiceURL": ours.consumer,
            "ProtocolBinding": POST,
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    etree.SubElement(root, saml("Issuer")).text = ours.entity_id
    policy = etree.SubElement(root, samlp("NameIDPolicy"), {"AllowCreate": "true"})
    if ours.name_id_format:
        policy.set("Format", ours.name_id_format)
    return root


def _deflated(document: bytes) -> str:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return base64.b64encode(packer.compress(document) + packer.flush()).decode()


def _signed(query: str, key: SigningKey) -> str:
    """What is signed are the very octets that are sent (bindings, 3.4.4.1)."""
    told = f"{query}&{urlencode({'SigAlg': RSA_SHA256})}"
    signature = key.key.sign(told.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{told}&{urlencode({'Signature': base64.b64encode(signature)})}"
