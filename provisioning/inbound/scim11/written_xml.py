"""Answers as XML: the JSON's structure, with an element for each name (REST API 1.1).

Several values stand in an element of the attribute's name, one below it for each. Attributes
of extensions are in the namespace of their schema, and `schemas` is what namespaces say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from idp.scim1 import CORE, ENTERPRISE_1, WSO2
from provisioning.inbound.scim2.values import Json
from provisioning.inbound.scim11.words import child_of

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_PREFIXES: Any = {None: CORE, "xsi": XSI, "enterprise": ENTERPRISE_1, "wso2": WSO2}
"""The stubs of lxml do not know the default namespace."""
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML document can hold."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_RESPONSES = ("Resources", "Errors")


def write(body: Json, kind: str) -> bytes:
    """`kind` is what the document, or each resource of a list, is: User, Group, Bulk, …"""
    is_response = any(name in body for name in _RESPONSES)
    root = etree.Element(_name(CORE, "Response" if is_response else kind), nsmap=_PREFIXES)
    _write_parts(root, body, CORE, kind)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["xsi"] if is_response else None)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _write_parts(element: etree._Element, parts: Mapping[str, Any], ns: str, kind: str) -> None:
    for name, value in parts.items():
        if name.startswith("urn:") and isinstance(value, Mapping):
            _write_parts(element, value, name, kind)
        elif name != "schemas":
            _write(etree.SubElement(element, _name(ns, name)), name, value, ns, kind)


def _write(element: etree._Element, name: str, value: Any, ns: str, kind: str) -> None:
    if isinstance(value, Mapping):
        _write_parts(element, value, ns, kind)
    elif isinstance(value, list):
        for entry in value:
            child = etree.SubElement(element, _name(ns, child_of(name)))
            if name == "Resources":
                child.set(f"{{{XSI}}}type", kind)
            _write(child, "", entry, ns, kind)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _IMPOSSIBLE.sub(_REPLACEMENT, str(value))


def _name(ns: str, name: str) -> str:
    return f"{{{ns}}}{name}"
