"""The XACML 3.0 Response document (5.47), and the combined decision of many (MDP, 4)."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final

from lxml import etree

from provisioning.rules import names
from provisioning.rules.datatypes import XPathExpression
from provisioning.rules.decisions import Result, Status
from provisioning.rules.documents import Element
from provisioning.rules.duties import Assignment, Duty
from provisioning.rules.outcomes import INDETERMINATE_DP, Decision
from provisioning.rules.request_documents import Asked

_NSMAP: Final[dict[Any, str]] = {None: names.NAMESPACE}


def write_response(asked: Asked, results: Sequence[Result]) -> bytes:
    """The document for the results of `asked.requests`, in their order."""
    root = etree.Element(f"{{{names.NAMESPACE}}}Response", nsmap=_NSMAP)
    if asked.combined:
        _result(root, combined(results), (), asked.return_policy_ids)
    else:
        for request, result in zip(asked.requests, results, strict=True):
            _result(root, result, request.echo, asked.return_policy_ids)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def combined(results: Sequence[Result]) -> Result:
    """One decision when all are the same and none asks for anything else."""
    first = results[0].decision
    policy_ids = tuple(dict.fromkeys(one for result in results for one in result.policy_ids))
    why = ""
    if any(result.obligations or result.advice for result in results):
        why = "results with obligations or advice cannot be combined"
    elif any(result.decision is not first for result in results):
        why = "the decisions differ"
    elif first is not Decision.INDETERMINATE:
        return Result(first, results[0].extended, policy_ids=policy_ids)
    status = Status(names.PROCESSING_ERROR, why or "every decision is Indeterminate")
    return Result(Decision.INDETERMINATE, INDETERMINATE_DP, status, policy_ids=policy_ids)


def _sub(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    made = etree.SubElement(parent, f"{{{names.NAMESPACE}}}{name}", attributes)
    made.text = text
    return made


def _result(root: Element, result: Result, echo: Sequence[Element], policy_ids: bool) -> None:
    element = _sub(root, "Result")
    _sub(element, "Decision", result.decision.value)
    _status(element, result.status)
    _duties(element, "Obligations", "Obligation", result.obligations)
    _duties(element, "AssociatedAdvice", "Advice", result.advice)
    for attributes in echo:
        element.append(deepcopy(attributes))
    if policy_ids:
        listed = _sub(element, "PolicyIdentifierList")
        for one in result.policy_ids:
            kind = "PolicySetIdReference" if one.is_set else "PolicyIdReference"
            _sub(listed, kind, one.id, Version=one.version)


def _status(parent: Element, status: Status) -> None:
    element = _sub(parent, "Status")
    _sub(element, "StatusCode", Value=status.code)
    if status.message:
        _sub(element, "StatusMessage", _printable(status.message))
    if not status.missing:
        return
    detail = _sub(element, "StatusDetail")
    for one in status.missing:
        issuer = {} if one.issuer is None else {"Issuer": one.issuer}
        _sub(
            detail,
            "MissingAttributeDetail",
            Category=one.category,
            AttributeId=one.attribute_id,
            DataType=one.data_type,
            **issuer,
        )


def _duties(parent: Element, group: str, name: str, duties: Sequence[Duty]) -> None:
    if not duties:
        return
    element = _sub(parent, group)
    for duty in duties:
        one = _sub(element, name, **{f"{name}Id": duty.id})
        for assignment in duty.assignments:
            _assignment(one, assignment)


def _assignment(parent: Element, assignment: Assignment) -> None:
    attributes = {
        "AttributeId": assignment.attribute_id,
        "Category": assignment.category,
        "Issuer": assignment.issuer,
        "DataType": assignment.data_type.id,
    }
    nsmap: dict[str, str] = {}
    if isinstance(assignment.value, XPathExpression):
        attributes["XPathCategory"] = assignment.value.category
        nsmap.update(assignment.value.namespaces)
    element = etree.SubElement(
        parent,
        f"{{{names.NAMESPACE}}}AttributeAssignment",
        {name: value for name, value in attributes.items() if value is not None},
        nsmap=nsmap,
    )
    element.text = _printable(assignment.text)


def _printable(text: str) -> str:
    """Without characters that XML cannot hold."""
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n\r")
