"""Metadata of identity providers, as files an operator is sent."""

from __future__ import annotations

from tests.fakes.saml.keys import Pair, pair

ENTITY = "https://idp.example/saml"
SIGN_ON = "https://idp.example/sso"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
NAMESPACES = (
    'xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
)


def key_descriptor(of: Pair, use: str = 'use="signing"') -> str:
    return (
        f"<KeyDescriptor {use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
        f"{of.in_metadata}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"
    )


def service(binding: str = REDIRECT, place: str = SIGN_ON) -> str:
    return f'<SingleSignOnService Binding="{binding}" Location="{place}"/>'


def metadata(
    *keys: Pair,
    entity: str = ENTITY,
    services: str = "",
    protocol: str = PROTOCOL,
    role: str = "",
    top: str = NAMESPACES,
) -> str:
    told = "".join(key_descriptor(one) for one in keys or (pair(),))
    return (
        f'<EntityDescriptor {top} entityID="{entity}">'
        f'<IDPSSODescriptor protocolSupportEnumeration="{protocol}" {role}>{told}'
        f"{services or service()}</IDPSSODescriptor></EntityDescriptor>"
    )
