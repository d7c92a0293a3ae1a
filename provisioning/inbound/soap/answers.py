"""Envelopes, as they go out: answers and faults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from provisioning.inbound.soap.envelopes import Envelope
from provisioning.inbound.soap.faults import Code, SoapFault
from provisioning.inbound.soap.operations import Operation
from provisioning.inbound.soap.vocabulary import (
    CORE_NS,
    SERVICE_NS,
    XML_NS,
    XSI_NS,
    Element,
    Kind,
    Service,
    Version,
)

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def answer(service: Service, operation: Operation, envelope: Envelope, value: Any) -> bytes:
    """The answer of an operation; `value` as its handler returned it."""
    root, body = _started(envelope.version, envelope, f"urn:{operation.name}Response")
    response = etree.SubElement(body, f"{{{SERVICE_NS}}}{operation.name}Response")
    returns = operation.answered
    values = value if returns.many else [value]
    for one in values:
        _write(service, response, f"{{{SERVICE_NS}}}return", returns.kind, one)
    return _bytes(root)


def fault(
    service: Service, version: Version, refused: SoapFault, envelope: Envelope | None = None
) -> bytes:
    root, body = _started(version, envelope, f"{ADDRESSING_FAULT}")
    element = etree.SubElement(body, version.tag("Fault"))
    if version is Version.SOAP11:
        etree.SubElement(element, "faultcode").text = f"soapenv:{refused.code.value[0]}"
        etree.SubElement(element, "faultstring").text = _text(str(refused))
        detail = "detail"
    else:
        code = etree.SubElement(element, version.tag("Code"))
        etree.SubElement(code, version.tag("Value")).text = f"soapenv:{refused.code.value[1]}"
        reason = etree.SubElement(element, version.tag("Reason"))
        text = etree.SubElement(reason, version.tag("Text"), {f"{{{XML_NS}}}lang": "en"})
        text.text = _text(str(refused))
        detail = version.tag("Detail")
    if refused.told:
        _tell(service, etree.SubElement(element, detail), refused)
    return _bytes(root)


ADDRESSING_FAULT = "http://www.w3.org/2005/08/addressing/soap/fault"


def status_of(version: Version, refused: SoapFault) -> int:
    """SOAP 1.1 §6.2: always 500. SOAP 1.2 part 2 §7.5.2.2: 400 where the sender is wrong."""
    if refused.status is not None:
        return refused.status
    return 400 if version is Version.SOAP12 and refused.code is Code.CLIENT else 500


def _tell(service: Service, detail: Element, refused: SoapFault) -> None:
    told = etree.SubElement(detail, f"{{{SERVICE_NS}}}{service.fault}")
    exception = etree.SubElement(told, f"{{{SERVICE_NS}}}UserStoreException")
    if refused.kind and service.has_error_codes:
        etree.SubElement(exception, f"{{{CORE_NS}}}errorCode").text = refused.kind


def _started(
    version: Version, envelope: Envelope | None, action: str
) -> tuple[Element, Element]:
    root = etree.Element(
        version.tag("Envelope"), nsmap={"soapenv": version.value, "ns": SERVICE_NS}
    )
    if envelope is not None and envelope.relates_to:
        header = etree.SubElement(root, version.tag("Header"))
        for name, value in (("Action", action), ("RelatesTo", envelope.relates_to)):
            etree.SubElement(header, f"{{{envelope.addressing}}}{name}").text = _text(value)
    return root, etree.SubElement(root, version.tag("Body"))


def _write(service: Service, parent: Element, tag: str, kind: Kind, value: Any) -> None:
    element = etree.SubElement(parent, tag)
    composed = service.types.get(kind)
    if value is None:
        element.set(f"{{{XSI_NS}}}nil", "true")
    elif composed is None:
        element.text = _text(value)
    else:
        _write_parts(element, composed.namespace, composed.parts, value)


def _write_parts(
    element: Element, namespace: str, parts: Mapping[str, str], values: Mapping[str, Any]
) -> None:
    for name in parts:
        if name in values:
            part = etree.SubElement(element, f"{{{namespace}}}{name}")
            if values[name] is None:
                part.set(f"{{{XSI_NS}}}nil", "true")
            else:
                part.text = _text(values[name])


def _text(value: Any) -> str:
    """As XML has it; characters that XML cannot hold are replaced, as nothing can say them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", str(value))


def _bytes(root: Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
