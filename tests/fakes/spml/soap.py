"""Reading checked requests, and writing answers, as a provider does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from tests.fakes.server import Reply, Request

SPML = "urn:oasis:names:tc:SPML:2:0"
DSML = "urn:oasis:names:tc:DSML:2:0:core"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
NAMESPACES = {
    "soap": "http://schemas.xmlsoap.org/soap/envelope/",
    "spml": SPML,
    "pass": f"{SPML}:password",
    "find": f"{SPML}:search",
    "susp": f"{SPML}:suspend",
    "dsml": DSML,
    "wsse": WSSE,
}
_RULES = etree.RelaxNG(file=str(Path(__file__).with_name("requests.rng")))
_PREFIXES = {namespace: prefix for prefix, namespace in NAMESPACES.items()}
Node = Any


class Odd(Exception):
    """The request is not as the specifications say."""


def operation_of(request: Request) -> str:
    """By the SOAPAction: `"SPMLAddRequest"` is an addRequest."""
    action = request.headers.get("soapaction", "").strip('"').removeprefix("SPML")
    return action[:1].lower() + action[1:]


def envelope_of(request: Request) -> Node:
    if request.headers.get("content-type") != "text/xml; charset=utf-8":
        raise Odd(f"Content-Type {request.headers.get('content-type')}")
    try:
        envelope = etree.fromstring(request.body)
    except etree.XMLSyntaxError as error:
        raise Odd(str(error)) from error
    if not _RULES.validate(envelope):
        raise Odd(str(_RULES.error_log.last_error))
    asked = etree.QName(body_of(envelope)).localname
    if asked != operation_of(request):
        raise Odd(f"{asked} under SOAPAction {request.headers.get('soapaction')}")
    return envelope


def body_of(envelope: Node) -> Node:
    return first(envelope, "soap:Body/*")


def first(node: Node, path: str) -> Node:
    found = node.xpath(path, namespaces=NAMESPACES)
    return found[0] if found else None


def every(node: Node, path: str) -> list[Node]:
    return list(node.xpath(path, namespaces=NAMESPACES))


def values_of(node: Node) -> list[str]:
    return [value.text or "" for value in every(node, "dsml:value")]


def response(asked: Node, inner: str = "", **attributes: str) -> Reply:
    """The response that belongs to a request, in its namespace, with its requestID."""
    name = etree.QName(asked)
    prefix = _PREFIXES[str(name.namespace)]
    told = {"requestID": asked.get("requestID") or "", **attributes}
    tag = f"{prefix}:{name.localname.removesuffix('Request')}Response"
    given = "".join(f" {key}={quoteattr(value)}" for key, value in told.items() if value)
    return soap(f"<{tag}{given}>{inner}</{tag}>")


def fault(code: str, reason: str, status: int = 500) -> Reply:
    return soap(
        f"<soap:Fault><faultcode>{code}</faultcode>"
        f"<faultstring>{escape(reason)}</faultstring></soap:Fault>",
        status,
    )


def failure(asked: Node, code: str, *messages: str) -> Reply:
    said = "".join(f"<spml:errorMessage>{escape(m)}</spml:errorMessage>" for m in messages)
    return response(asked, said, status="failure", error=code)


def attrs(attributes: Iterable[tuple[str, list[str]]]) -> str:
    return "".join(
        f"<dsml:attr name={quoteattr(name)}>"
        + "".join(f"<dsml:value>{escape(value)}</dsml:value>" for value in values)
        + "</dsml:attr>"
        for name, values in attributes
    )


def soap(inner: str, status: int = 200) -> Reply:
    spaces = " ".join(f'xmlns:{p}="{uri}"' for p, uri in NAMESPACES.items())
    message = f"<soap:Envelope {spaces}><soap:Body>{inner}</soap:Body></soap:Envelope>"
    return Reply(status, body=message.encode(), content_type="text/xml; charset=utf-8")
