"""Us in metadata, for whoever runs the identity provider."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from provisioning.inbound.saml.names import DS, MD, POST, SAMLP, ds, md
from provisioning.inbound.saml.parties import Ours

MEDIA_TYPE = "application/samlmetadata+xml"


def descriptor(ours: Ours) -> bytes:
    root = etree.Element(
        md("EntityDescriptor"), {"entityID": ours.entity_id}, nsmap={"md": MD, "ds": DS}
    )
    role = etree.SubElement(
        root,
        md("SPSSODescriptor"),
        {
            "protocolSupportEnumeration": SAMLP,
            "AuthnRequestsSigned": "true" if ours.key else "false",
            "WantAssertionsSigned": "true",
        },
    )
    if ours.key is not None:
        key = etree.SubElement(role, md("KeyDescriptor"), {"use": "signing"})
        data = etree.SubElement(etree.SubElement(key, ds("KeyInfo")), ds("X509Data"))
        der = ours.key.certificate.public_bytes(Encoding.DER)
        etree.SubElement(data, ds("X509Certificate")).text = base64.b64encode(der).decode()
    if ours.name_id_format:
        etree.SubElement(role, md("NameIDFormat")).text = ours.name_id_format
    etree.SubElement(
        role,
        md("AssertionConsumerService"),
        {"Binding": POST, "Location": ours.consumer, "index": "0", "isDefault": "true"},
    )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
