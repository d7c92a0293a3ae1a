"""Who it is, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from provisioning.inbound.saml.names import PERSISTENT, TRANSIENT, UNSPECIFIED, saml
from provisioning.inbound.saml.parties import Ours, Theirs
from provisioning.inbound.saml.refusals import SamlRefused

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
LONGEST_SUBJECT = 255
MOST_VALUES = 10_000


def subject(assertion: etree._Element, ours: Ours, theirs: Theirs) -> str:
    """The name by which the person is known again (core, 2.2.3). Raises `SamlRefused`."""
    names = assertion.findall(f"{saml('Subject')}/{saml('NameID')}")
    if len(names) != 1:
        raise SamlRefused("the assertion has no plain NameID: switch it on, unencrypted")
    [name] = names
    format = name.get("Format") or UNSPECIFIED
    if format == TRANSIENT:
        raise SamlRefused(
            "the NameID is transient, so nobody could be known again: choose another format"
        )
    if ours.name_id_format not in ("", UNSPECIFIED, format):
        raise SamlRefused(f"the NameID is {format[:100]}, not of the format asked for")
    if name.get("SPNameQualifier") not in (None, "", ours.entity_id):
        raise SamlRefused("the NameID is for somebody else (SPNameQualifier)")
    if format == PERSISTENT and name.get("NameQualifier") not in (None, "", theirs.entity_id):
        raise SamlRefused("the NameID is another's (NameQualifier)")
    text = (name.text or "").strip()
    if len(name) or not 0 < len(text) <= LONGEST_SUBJECT:
        raise SamlRefused(f"a NameID has 1 to {LONGEST_SUBJECT} characters")
    return text


def claims(assertion: etree._Element) -> Mapping[str, str | list[str]]:
    """By the names of attributes: a text, or a list where there is not one value."""
    found: dict[str, list[str]] = {}
    for attribute in assertion.findall(f"{saml('AttributeStatement')}/{saml('Attribute')}"):
        if name := attribute.get("Name"):
            found.setdefault(name, []).extend(_values(attribute))
    if sum(map(len, found.values())) > MOST_VALUES:
        raise SamlRefused(f"an assertion has at most {MOST_VALUES:,} values")
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _values(attribute: etree._Element) -> Iterator[str]:
    """What is no text, or a name as text, is passed over."""
    for value in attribute.findall(saml("AttributeValue")):
        inner = [*value]
        if inner and (len(inner) > 1 or inner[0].tag != saml("NameID") or len(inner[0])):
            continue
        text = (inner[0] if inner else value).text or ""
        if value.get(NIL) not in ("true", "1") and text.strip():
            yield text.strip()
