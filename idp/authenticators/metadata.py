"""A SAML 2.0 identity provider as it describes itself (saml-metadata-2.0-os)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from connectors import hardened_xml

MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
LEAST_RSA_BITS = 2048
LONGEST_NAME = 1024


class MetadataRefused(Exception):
    """The document does not describe an identity provider people can sign in through; a
    sentence."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """`certificates` are the keys it may sign with, the old and the new one while it changes
    them; `sign_on` is where browsers are sent (HTTP-Redirect)."""

    entity_id: str
    sign_on: str
    certificates: tuple[x509.Certificate, ...]
    wants_signed_requests: bool
    valid_until: datetime | None


def read_metadata(text: str) -> Metadata:
    """Raises `MetadataRefused`. Whether it is still valid is not asked here."""
    entity = _entity(_parsed(text))
    name = (entity.get("entityID") or "").strip()
    if not name or len(name) > LONGEST_NAME:
        raise MetadataRefused("its entityID is missing or too long")
    role = next(_roles(entity))
    certificates = tuple(dict.fromkeys(_certificates(role)))
    if not certificates:
        raise MetadataRefused("it names no certificate that it signs with")
    ends = [_moment(one.get("validUntil")) for one in (role, *_and_above(entity))]
    return Metadata(
        entity_id=name,
        sign_on=_sign_on(role),
        certificates=certificates,
        wants_signed_requests=role.get("WantAuthnRequestsSigned") in ("true", "1"),
        valid_until=min((end for end in ends if end is not None), default=None),
    )


def _parsed(text: str) -> etree._Element:
    try:
        root = etree.fromstring(text.strip().encode(), hardened_xml.parser("utf-8"))
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise MetadataRefused("it is not well-formed XML") from error
    if root is None or hardened_xml.has_doctype(root):
        raise MetadataRefused("it has a DOCTYPE")
    return root


def _entity(root: etree._Element) -> etree._Element:
    """The one entity that is an identity provider, also out of a collection of them."""
    found = [one for one in root.iter(f"{{{MD}}}EntityDescriptor") if [*_roles(one)]]
    if not found:
        raise MetadataRefused("it describes no SAML 2.0 identity provider")
    if len(found) > 1:
        raise MetadataRefused(
            f"it describes {len(found)} identity providers: give the part of the one"
        )
    return found[0]


def _roles(entity: etree._Element) -> Iterator[etree._Element]:
    for role in entity.iterchildren(f"{{{MD}}}IDPSSODescriptor"):
        if PROTOCOL in (role.get("protocolSupportEnumeration") or "").split():
            yield role


def _and_above(entity: etree._Element) -> list[etree._Element]:
    return [entity, *entity.iterancestors()]


def _sign_on(role: etree._Element) -> str:
    for service in role.iterchildren(f"{{{MD}}}SingleSignOnService"):
        if service.get("Binding") != REDIRECT:
            continue
        place = (service.get("Location") or "").strip()
        if _is_address(place):
            return place
        raise MetadataRefused("its single sign-on service has no whole http or https address")
    raise MetadataRefused("it has no single sign-on service for HTTP-Redirect")


def _is_address(place: str) -> bool:
    try:
        parts = urlsplit(place)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and place.isascii()
    except ValueError:
        return False


def _certificates(role: etree._Element) -> Iterator[x509.Certificate]:
    for descriptor in role.iterchildren(f"{{{MD}}}KeyDescriptor"):
        if descriptor.get("use", "signing") == "signing":
            for element in descriptor.iter(f"{{{DS}}}X509Certificate"):
                yield _certificate("".join((element.text or "").split()))


def _certificate(text: str) -> x509.Certificate:
    try:
        found = x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
        key = found.public_key()
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise MetadataRefused("one of its certificates cannot be read") from error
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < LEAST_RSA_BITS:
            raise MetadataRefused(
                f"one of its certificates has an RSA key of {key.key_size} bits; at least "
                f"{LEAST_RSA_BITS} are needed"
            )
    elif not isinstance(key, ec.EllipticCurvePublicKey):
        raise MetadataRefused("one of its certificates has neither an RSA nor an EC key")
    return found


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise MetadataRefused("its validUntil is no moment") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
