"""Requests in XML, in few words."""

from __future__ import annotations

from typing import Any

from lxml import etree

from provisioning.rules import Result, decide, load, names, parse_request, write_response
from tests.provisioning.rules.writing import NS, SUBJECT, value

RECORD = (
    '<md:record xmlns:md="urn:md">'
    '<md:patient id="p1"><md:name>Bart</md:name><md:age>10</md:age></md:patient>'
    '<md:patient id="p2"><md:name>Lisa</md:name><md:age>8</md:age></md:patient>'
    "</md:record>"
)


def attribute(name: str, *values: str, echoed: bool = False, issuer: str = "") -> str:
    by = f' Issuer="{issuer}"' if issuer else ""
    return (
        f'<Attribute AttributeId="{name}" IncludeInResult="{str(echoed).lower()}"{by}>'
        f"{''.join(values)}</Attribute>"
    )


def attributes(
    *parts: str, category: str = SUBJECT, content: str = "", reference: str = ""
) -> str:
    named = f' xml:id="{reference}"' if reference else ""
    inside = f"<Content>{content}</Content>" if content else ""
    return f'<Attributes Category="{category}"{named}>{inside}{"".join(parts)}</Attributes>'


def document(*parts: str, policy_ids: bool = False, combined: bool = False) -> str:
    return (
        f'<Request {NS} xmlns:md="urn:md" ReturnPolicyIdList="{str(policy_ids).lower()}" '
        f'CombinedDecision="{str(combined).lower()}">{"".join(parts)}</Request>'
    )


def pointer(path: str, category: str = SUBJECT) -> str:
    return value(path, names.XPATH, XPathCategory=category)


def results(policy: str, asked: str) -> list[Result]:
    loaded = load(policy)
    return [decide(loaded, one) for one in parse_request(asked).requests]


def response(policy: str, asked: str) -> Any:
    """The Response element."""
    found = parse_request(asked)
    loaded = load(policy)
    answers = [decide(loaded, one) for one in found.requests]
    return etree.fromstring(write_response(found, answers))
