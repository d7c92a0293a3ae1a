"""Policies made by forms: what WSO2's five templates decide, for one identity provider.

Who may go is permitted, everybody else denied. Deletes are never held back by rules, so no
template speaks about operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Final

from lxml import etree

from provisioning.policies.requests import (
    ACTION,
    ENVIRONMENT,
    IDP,
    PROVISIONING,
    SP,
    USER,
    XS,
)

NAMESPACE: Final = "urn:oasis:names:tc:xacml:3.0:core:schema:wd-17"
_ONE: Final = "urn:oasis:names:tc:xacml:1.0:function:"
_FIRST: Final = "urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:first-applicable"
_IN_RANGE: Final = "urn:oasis:names:tc:xacml:2.0:function:time-in-range"
_NOW: Final = "urn:oasis:names:tc:xacml:1.0:environment:current-time"

_DEFAULT_NAMESPACE: Final[Any] = {None: NAMESPACE}
"""The stubs of lxml know prefixes only."""

TEMPLATES: Final[Mapping[str, str]] = {
    "role": "Roles: holders of one of them",
    "claim": "Claims: people with these values",
    "time": "Time: between two times of the day",
    "time_role": "Time and roles",
    "time_claim": "Time and claims",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form asks for. Empty parts put no condition; `claims` maps a claim's URI to the
    value a person must have (among others)."""

    name: str
    identity_provider: str
    service_provider: str = ""
    roles: Sequence[str] = ()
    claims: Mapping[str, str] = field(default_factory=dict)
    start: time | None = None
    end: time | None = None


def write(wanted: Wanted) -> str:
    """The XACML document."""
    permit = _element("Rule", RuleId="permit", Effect="Permit")
    if conditions := [*_times(wanted), *_roles(wanted), *_claims(wanted)]:
        several = len(conditions) > 1
        condition = _apply(f"{_ONE}and", *conditions) if several else conditions[0]
        permit.append(_element("Condition", condition))
    alternatives = _element("AnyOf", _element("AllOf", *_matches(wanted)))
    document = _element(
        "Policy",
        _element("Target", alternatives),
        permit,
        _element("Rule", RuleId="deny_others", Effect="Deny"),
        PolicyId=wanted.name,
        Version="1.0",
        RuleCombiningAlgId=_FIRST,
    )
    etree.indent(document)
    return etree.tostring(document, encoding="unicode") + "\n"


def _matches(wanted: Wanted) -> Iterable[etree._Element]:
    asked = [
        (wanted.identity_provider, f"{IDP}/idp-name", IDP),
        ("provisioning", f"{ACTION}/action-name", ACTION),
    ]
    if wanted.service_provider:
        asked.insert(0, (wanted.service_provider, f"{SP}/sp-name", SP))
    for value, attribute, category in asked:
        yield _element(
            "Match",
            _text(value),
            _designator(attribute, category),
            MatchId=f"{_ONE}string-equal",
        )


def _roles(wanted: Wanted) -> Iterable[etree._Element]:
    if wanted.roles:
        bag = _apply(f"{_ONE}string-bag", *map(_text, wanted.roles))
        held = _designator(f"{PROVISIONING}/claim-group", PROVISIONING)
        yield _apply(f"{_ONE}string-at-least-one-member-of", bag, held)


def _claims(wanted: Wanted) -> Iterable[etree._Element]:
    for uri, value in wanted.claims.items():
        yield _apply(f"{_ONE}string-is-in", _text(value), _designator(uri, USER))


def _times(wanted: Wanted) -> Iterable[etree._Element]:
    if wanted.start is not None and wanted.end is not None:
        now = _apply(
            f"{_ONE}time-one-and-only", _designator(_NOW, ENVIRONMENT, "time", must=True)
        )
        start, end = (
            _value("time", when.isoformat("seconds")) for when in (wanted.start, wanted.end)
        )
        yield _apply(_IN_RANGE, now, start, end)


def _apply(function: str, *arguments: etree._Element) -> etree._Element:
    return _element("Apply", *arguments, FunctionId=function)


def _text(value: str) -> etree._Element:
    return _value("string", value)


def _value(kind: str, value: str) -> etree._Element:
    made = _element("AttributeValue", DataType=f"{XS}{kind}")
    made.text = value
    return made


def _designator(
    attribute: str, category: str, kind: str = "string", *, must: bool = False
) -> etree._Element:
    return _element(
        "AttributeDesignator",
        AttributeId=attribute,
        Category=category,
        DataType=f"{XS}{kind}",
        MustBePresent=str(must).lower(),
    )


def _element(name: str, *children: etree._Element, **attributes: str) -> etree._Element:
    made = etree.Element(f"{{{NAMESPACE}}}{name}", attributes, nsmap=_DEFAULT_NAMESPACE)
    made.extend(children)
    return made
