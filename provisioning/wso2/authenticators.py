"""How people sign in: OpenID Connect and SAML 2.0, from WSO2's properties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from lxml import etree

from provisioning.wso2.certificates import BEGIN, END
from provisioning.wso2.connectors import secret_of
from provisioning.wso2.notes import Pen
from provisioning.wso2.reading import Part, is_true
from provisioning.wso2.secrets import Variables

Entry = dict[str, Any]
Properties = Mapping[str, Part]

TYPES = {"openidconnectauthenticator": "oidc", "samlssoauthenticator": "saml"}
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_DISCOVERED = "read from what the issuer tells about itself"
_LASTING = (":persistent", ":emailAddress", ":unspecified", ":X509SubjectName", ":kerberos")
"""Names that stay a person's; WSO2 writes some with slashes."""


def authenticator_of(
    provider: str,
    parts: tuple[Part, ...],
    default: str,
    issuer: str,
    certificate: str,
    pen: Pen,
    variables: Variables,
) -> Entry:
    """The one that is enabled, the default one first: there is one here."""
    known = [part for part in parts if part.said("Name").lower() in TYPES]
    usable = [part for part in known if part.is_true("IsEnabled")]
    usable.sort(key=lambda part: part.said("Name") != default)
    for part in parts:
        name = part.said("Name")
        if part not in known:
            pen.left_out(part, f"{name or 'it'} signs nobody in here", value=name)
        elif part not in usable:
            pen.left_out(part, "it is not enabled", value=name)
        elif part is not usable[0]:
            pen.left_out(part, "there is one way to sign in for each provider", value=name)
    if not usable:
        return {}
    chosen = usable[0]
    pen.translated(chosen, "authenticator", "its parts follow", value=chosen.said("Name"))
    properties = {
        one.said("Name").lower(): one
        for one in chosen.below("Properties")
        if one.said("Name") and one.said("Value")
    }
    if TYPES[chosen.said("Name").lower()] == "oidc":
        return _oidc(provider, chosen, properties, issuer, pen, variables)
    return _saml(provider, chosen, properties, certificate, pen, variables)


def _oidc(
    provider: str,
    part: Part,
    properties: Properties,
    issuer: str,
    pen: Pen,
    variables: Variables,
) -> Entry:
    entry: Entry = {"type": "oidc", "issuer": issuer}
    if not issuer:
        secret = variables.secret(provider, "issuer")
        entry["issuer"] = secret
        why = f"WSO2 does without an issuer: give it as environment variable {secret.variable}"
        pen.by_hand(part, why, ours="authenticator.issuer", value="")
    for name, one in properties.items():
        value = one.said("Value")
        if name == "clientid":
            entry["client_id"] = value
            pen.taken(one, "authenticator.client_id")
        elif name == "clientsecret" and (held := one.part("Value")):
            secret = variables.secret(provider, "client_secret")
            entry["client_secret"] = secret_of(
                one, held, "authenticator.client_secret", pen, secret
            )
        elif name in ("scopes", "scope", "commonauthqueryparams"):
            _scopes(one, value, entry, pen)
        elif name.endswith("url") and name != "callbackurl":
            pen.translated(one, "authenticator.issuer", _DISCOVERED)
        elif name == "callbackurl":
            why = "register the address of this server instead: /login/<name>/callback/"
            pen.by_hand(one, why)
        else:
            pen.left_out(one, "has no counterpart")
    return entry


def _scopes(one: Part, value: str, entry: Entry, pen: Pen) -> None:
    given = parse_qs(value).get("scope", [""])[0] if "=" in value else value
    scopes = [scope for scope in re.split(r"[\s,]+", given) if scope]
    if not scopes:
        pen.left_out(one, "further parameters of the request are not sent")
        return
    entry["scopes"] = list(dict.fromkeys(["openid", *scopes]))
    pen.taken(one, "authenticator.scopes")


def _saml(
    provider: str,
    part: Part,
    properties: Properties,
    certificate: str,
    pen: Pen,
    variables: Variables,
) -> Entry:
    entity, address = properties.get("idpentityid"), properties.get("ssourl")
    entry: Entry = {"type": "saml"}
    if entity and address and certificate:
        entry["metadata"] = metadata(entity.said("Value"), address.said("Value"), certificate)
        for one in (entity, address):
            pen.translated(one, "authenticator.metadata", "written as a metadata document")
    else:
        secret = variables.secret(provider, "metadata")
        entry["metadata"] = secret
        why = "entity id, address and certificate make metadata, and one is missing: give "
        pen.by_hand(part, f"{why}the document as {secret.variable}", value="")
    for name, one in properties.items():
        value = one.said("Value")
        if name == "spentityid":
            entry["entity_id"] = value
            pen.taken(one, "authenticator.entity_id")
        elif name in ("isauthreqsigned", "isauthnreqsigned"):
            entry["sign_requests"] = is_true(value)
            pen.taken(one, "authenticator.sign_requests")
        elif name == "nameidtype" and value.replace("/", ":").endswith(_LASTING):
            entry["name_id_format"] = value.replace("/", ":")
            pen.taken(one, "authenticator.name_id_format")
        elif one not in (entity, address):
            pen.left_out(one, "assertions are always checked, logout stays with the provider")
    return entry


def metadata(entity_id: str, address: str, certificate: str) -> str:
    """An EntityDescriptor of the identity provider (SAML metadata 2.0, section 2.4.3)."""
    root = etree.Element(
        f"{{{MD}}}EntityDescriptor", {"entityID": entity_id}, {"md": MD, "ds": DS}
    )
    described = etree.SubElement(
        root, f"{{{MD}}}IDPSSODescriptor", {"protocolSupportEnumeration": PROTOCOL}
    )
    for one in certificate.split(BEGIN)[1:]:
        key = etree.SubElement(described, f"{{{MD}}}KeyDescriptor", {"use": "signing"})
        data = etree.SubElement(etree.SubElement(key, f"{{{DS}}}KeyInfo"), f"{{{DS}}}X509Data")
        held = etree.SubElement(data, f"{{{DS}}}X509Certificate")
        held.text = "".join(one.partition(END)[0].split())
    for binding in (REDIRECT, POST):
        service = {"Binding": binding, "Location": address}
        etree.SubElement(described, f"{{{MD}}}SingleSignOnService", service)
    return etree.tostring(root, encoding="unicode")
