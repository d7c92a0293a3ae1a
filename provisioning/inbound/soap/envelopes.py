"""Envelopes, as they come in (SOAP 1.1 §4, SOAP 1.2 part 1 §5)."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from connectors import hardened_xml
from provisioning.inbound.soap.faults import Code, SoapFault
from provisioning.inbound.soap.vocabulary import ADDRESSING, Element, Version, local, namespace

_HERE = {
    "",
    "http://schemas.xmlsoap.org/soap/actor/next",
    "http://www.w3.org/2003/05/soap-envelope/role/next",
    "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
}
_SAME_CONNECTION = ("/anonymous", "/none")


@dataclass(frozen=True, slots=True)
class Envelope:
    """`body` is the element in the body, None when that is empty. `relates_to` is the id that
    WS-Addressing gave the message, and `addressing` the namespace it came in."""

    version: Version
    body: Element | None
    addressing: str = ""
    relates_to: str = ""


def read(raw: bytes, charset: str = "") -> Envelope:
    """Raises `SoapFault` for whatever is no envelope that we understand."""
    return _envelope(_parsed(raw, charset))


def _parsed(raw: bytes, charset: str) -> Element:
    """The root element. There are no entities: whatever has a DOCTYPE is refused."""
    try:
        parser = hardened_xml.parser(charset)
    except LookupError as error:
        raise SoapFault(
            f"The character set {charset[:40]!r} is not known.", status=415
        ) from error
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SoapFault(f"The message is not XML: {error}.") from error
    if hardened_xml.has_doctype(root):
        raise SoapFault("A SOAP message has no DOCTYPE, and no entities of its own.")
    return root


def _envelope(root: Element) -> Envelope:
    if local(root) != "Envelope":
        raise SoapFault(f"The message is no SOAP envelope, but {local(root)[:80]!r}.")
    try:
        version = Version(namespace(root))
    except ValueError as error:
        raise SoapFault(
            f"SOAP 1.1 and 1.2 are spoken here, not {namespace(root)[:200]!r}.",
            Code.VERSION_MISMATCH,
        ) from error
    parts = list(root)
    headers = list(parts.pop(0)) if parts and parts[0].tag == version.tag("Header") else []
    if len(parts) != 1 or parts[0].tag != version.tag("Body"):
        raise SoapFault("An envelope has a header, which may be missing, and one body.")
    bodies = list(parts[0])
    if len(bodies) > 1:
        raise SoapFault("The body holds more than one operation.")
    addressing, relates_to = _understood(headers, version)
    return Envelope(version, bodies[0] if bodies else None, addressing, relates_to)


def _understood(headers: list[Element], version: Version) -> tuple[str, str]:
    """Namespace and message id of WS-Addressing. Headers that need not be understood mean
    nothing here. Raises `SoapFault` for the others."""
    addressing = relates_to = ""
    for header in headers:
        if namespace(header) in ADDRESSING:
            addressing = namespace(header)
            if local(header) == "MessageID":
                relates_to = (header.text or "").strip()
            elif local(header) in ("ReplyTo", "FaultTo"):
                _check_address(header)
        elif _must_be_understood(header, version):
            raise SoapFault(
                f"The header {etree.QName(header).text[:200]} is not understood here.",
                Code.MUST_UNDERSTAND,
            )
    return addressing, relates_to


def _must_be_understood(header: Element, version: Version) -> bool:
    role = header.get(version.tag("actor" if version is Version.SOAP11 else "role"), "")
    must = header.get(version.tag("mustUnderstand"), "").strip()
    return role.strip() in _HERE and must in ("1", "true")


def _check_address(header: Element) -> None:
    for part in header:
        address = (part.text or "").strip()
        if local(part) == "Address" and address and not address.endswith(_SAME_CONNECTION):
            raise SoapFault(
                f"{local(header)}: answers go back over the same connection, not to "
                f"{address[:200]!r}."
            )
