"""What a browser posts, as a document of the shape that signatures are believed in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from lxml import etree

from connectors import hardened_xml
from provisioning.inbound.saml.names import ds, saml, samlp
from provisioning.inbound.saml.refusals import SamlRefused

LARGEST = 512 * 1024
"""Of a response, in bytes."""


def parsed(posted: str) -> etree._Element:
    """One response, with at most one assertion and no signature but theirs.

    Wrapping a signed part in another document needs a second one of something, or a
    signature somewhere else: neither gets further. Raises `SamlRefused`.
    """
    root = _root(posted)
    if root.tag != samlp("Response"):
        raise SamlRefused("what came is no SAML 2.0 response")
    if len([*root.iter(samlp("Response"))]) > 1:
        raise SamlRefused("there is a response within the response")
    _check_assertion(root)
    _check_signatures(root)
    _check_ids(root)
    return root


def assertion_of(response: etree._Element) -> etree._Element | None:
    return response.find(saml("Assertion"))


def _root(posted: str) -> etree._Element:
    try:
        document = base64.b64decode("".join(posted.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SamlRefused("what came is not in base64") from error
    if len(document) > LARGEST:
        raise SamlRefused(f"a response has at most {LARGEST // 1024} KB")
    try:
        root = etree.fromstring(document, hardened_xml.parser("utf-8"))
    except etree.XMLSyntaxError as error:
        raise SamlRefused("what came is not well-formed XML") from error
    if root is None or hardened_xml.has_doctype(root):
        raise SamlRefused("a response has no DOCTYPE")
    return root


def _check_assertion(root: etree._Element) -> None:
    found = [*root.iter(saml("Assertion"))]
    if len(found) > 1:
        raise SamlRefused(f"there are {len(found)} assertions, and only one could be meant")
    if found and found[0].getparent() is not root:
        raise SamlRefused("the assertion is not where an assertion belongs")


def _check_signatures(root: etree._Element) -> None:
    places = [root, assertion_of(root)]
    for signature in root.iter(ds("Signature")):
        parent = signature.getparent()
        if parent not in places:
            raise SamlRefused("there is a signature where none belongs")
        places.remove(parent)  # one each


def _check_ids(root: etree._Element) -> None:
    ids = [*_ids(root)]
    if len(ids) != len(set(ids)):
        raise SamlRefused("two parts of the response have one ID")


def _ids(root: etree._Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if etree.QName(name).localname.lower() == "id":
                yield str(value)
