"""Requests as XML, read into what their JSON would be, by the schema of the resource.

XML knows only texts: what is a list, a number or a boolean, the schema says. What it does
not know is read as it looks, so that it is refused or passed over as in JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from connectors import hardened_xml
from idp.scim1 import CORE
from provisioning.inbound.scim2.errors import invalid_syntax
from provisioning.inbound.scim2.schema import Attribute, ResourceSchema
from provisioning.inbound.scim2.values import Json
from provisioning.inbound.scim11.written_xml import XSI

Element = etree._Element
Schemas = Callable[[str], ResourceSchema | None]
"""The schema of a resource, by the name of its endpoint."""
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)


def read(raw: bytes, endpoint: str, schemas: Schemas) -> Json:
    """The body of a request to an endpoint. Raises `ScimError` (invalidSyntax)."""
    root = _parse(raw)
    name = etree.QName(root)
    kinds = {"Bulk": "Bulk", "Users": "User", "Groups": "Group"}
    wanted = kinds.get(endpoint, name.localname)
    if name.localname.lower() != wanted.lower() or name.namespace not in (CORE, None):
        raise invalid_syntax(f"The document is {name.localname[:80]!r}, not {wanted!r}.")
    if endpoint == "Bulk":
        return {"schemas": [CORE], **_bulk(root, schemas)}
    return _resource(root, schemas(endpoint))


def _parse(raw: bytes) -> Element:
    """Nothing outside of the document is read, and no entity is ever expanded."""
    parser = hardened_xml.parser()
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise invalid_syntax(f"The body is not XML: {error}") from error
    if hardened_xml.has_doctype(root):
        raise invalid_syntax("The body has a DOCTYPE, which is not allowed.")
    return root


def _resource(element: Element, schema: ResourceSchema | None) -> Json:
    found: Json = {}
    urns: dict[str, None] = {CORE: None}
    for child in element:
        name, urn = _name(child), etree.QName(child).namespace or CORE
        home = schema.schema(urn) if schema else None
        attribute = home.find(name) if home else None
        if urn == CORE:
            found[name] = _meta(child) if name.lower() == "meta" else _value(child, attribute)
            continue
        urns[urn] = None
        found.setdefault(urn, {})[name] = _value(child, attribute)
    return {"schemas": list(urns), **found}


def _value(element: Element, attribute: Attribute | None) -> Any:
    if element.get(f"{{{XSI}}}nil") == "true":
        return None
    if attribute is None:
        return _as_it_looks(element)
    if attribute.multi:
        if not len(element) and _text(element).strip():
            return [_single(element, attribute)]
        return [_single(child, attribute) for child in element]
    return _single(element, attribute)


def _single(element: Element, attribute: Attribute) -> Any:
    if attribute.is_complex:
        return _complex(element, attribute)
    if len(element) and attribute.type == "any":
        return [_text(child) for child in element]
    return _typed(_text(element), attribute.type) if not len(element) else {}


def _complex(element: Element, attribute: Attribute) -> Any:
    given = {name: text for name, text in element.attrib.items() if "{" not in str(name)}
    if not len(element) and not given and _text(element).strip():
        return _text(element)
    parts: Json = {
        str(name): _typed(str(text), _type(attribute.sub(str(name))))
        for name, text in given.items()
    }
    for child in element:
        name = _name(child)
        parts[name] = _value(child, attribute.sub(name))
    return parts


def _type(attribute: Attribute | None) -> str:
    return attribute.type if attribute else "string"


def _typed(text: str, kind: str) -> Any:
    """As JSON would have it; what cannot be stays a text, which is then refused by name."""
    word = text.strip()
    if kind == "boolean" and word.lower() in ("true", "false", "1", "0"):
        return word.lower() in ("true", "1")
    if kind == "integer" and _INTEGER.fullmatch(word):
        return int(word)
    if kind == "decimal" and _DECIMAL.fullmatch(word):
        return float(word)
    return word if kind == "dateTime" else text


def _as_it_looks(element: Element) -> Any:
    if not len(element):
        return _text(element)
    return {_name(child): _as_it_looks(child) for child in element}


def _meta(element: Element) -> Json:
    found: Json = {}
    for child in element:
        is_list = _name(child) == "attributes" and len(child)
        found[_name(child)] = [_text(c).strip() for c in child] if is_list else _text(child)
    return found


def _bulk(root: Element, schemas: Schemas) -> Json:
    found: Json = {}
    for child in root:
        if _name(child) == "Operations":
            found["Operations"] = [_operation(entry, schemas) for entry in child]
        else:
            found[_name(child)] = _typed(_text(child), "integer")
    return found


def _operation(element: Element, schemas: Schemas) -> Json:
    found: Json = {}
    data = None
    for child in element:
        if _name(child) == "data":
            data = child
        else:
            found[_name(child)] = _text(child).strip()
    if data is not None:
        endpoint = str(found.get("path", "")).strip("/").partition("/")[0]
        inner = data[0] if [_name(c) for c in data] in (["User"], ["Group"]) else data
        found["data"] = _resource(inner, schemas(endpoint))
    return found


def _name(element: Element) -> str:
    return str(etree.QName(element).localname)


def _text(element: Element) -> str:
    return element.text or ""
