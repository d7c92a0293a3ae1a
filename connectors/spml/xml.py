"""XML out and in: no text that XML cannot carry, no document that does more than say things."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from connectors import hardened_xml
from connectors.errors import JobIsWrong
from connectors.spml.names import PREFIXES, SOAP

LARGEST = 4_000_000
"""Bytes of an answer that are read; more is no answer to anything we ask."""
_UNSENDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PREFIX_OF = {namespace: prefix for prefix, namespace in PREFIXES.items()}

Element = etree._Element


def checked(text: str, what: str) -> str:
    """The text, if XML 1.0 (§2.2) has all its characters. JobIsWrong names `what` has not."""
    if _UNSENDABLE.search(text):
        raise JobIsWrong(f"{what} holds a character that cannot be sent in XML")
    return text


def root(namespace: str, name: str, /, **attributes: str) -> Element:
    """An element to be sent; attributes that are "" are left out."""
    return etree.Element(
        f"{{{namespace}}}{name}", _given(attributes), nsmap={_PREFIX_OF[namespace]: namespace}
    )


def child(parent: Element, namespace: str, name: str, /, **attributes: str) -> Element:
    nsmap = {_PREFIX_OF[namespace]: namespace}
    return etree.SubElement(parent, f"{{{namespace}}}{name}", _given(attributes), nsmap=nsmap)


def envelope(request: Element, security: Element | None) -> bytes:
    """A SOAP 1.1 message (§4)."""
    message = root(SOAP, "Envelope")
    if security is not None:
        child(message, SOAP, "Header").append(security)
    child(message, SOAP, "Body").append(request)
    etree.cleanup_namespaces(message)
    return etree.tostring(message, xml_declaration=True, encoding="UTF-8")


def opened(body: bytes) -> Element | None:
    """What stands in the Body of a SOAP message, or None when it is none.

    A document with a DOCTYPE is none either (SOAP 1.1 §3): so there are no entities.
    """
    if not body or len(body) > LARGEST:
        return None
    parser = hardened_xml.parser()
    try:
        message = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if hardened_xml.has_doctype(message) or local(message) != "Envelope":
        return None
    return next((said for part in children(message, "Body") for said in part), None)


def children(element: Element, name: str) -> Iterator[Element]:
    """Those of this local name: answers are believed in whichever namespace they come."""
    return (one for one in element if local(one) == name)


def local(element: Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def text_of(element: Element) -> str:
    return element.text or ""


def _given(attributes: dict[str, str]) -> dict[str, str]:
    return {name: checked(value, name) for name, value in attributes.items() if value}
