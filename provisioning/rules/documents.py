"""XML that may come from anybody: bounded, without DOCTYPE, checked against the schema.

`SHAPES` is the schema of XACML 3.0 as far as policies and requests use it: for each element
its attributes and the children it takes, in order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from connectors import hardened_xml
from provisioning.rules import limits, names
from provisioning.rules.errors import Refused

Element = etree._Element

_IGNORED: Final = (
    "{http://www.w3.org/2001/XMLSchema-instance}",
    "{http://www.w3.org/XML/1998/namespace}",
)
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_EXPRESSION: Final = (
    "Apply|AttributeValue|AttributeDesignator|AttributeSelector|VariableReference|Function"
)
_DUTIES: Final = "ObligationExpressions? AdviceExpressions?"
_REFERENCE: Final = ("", "", "Version EarliestVersion LatestVersion")


@dataclass(frozen=True, slots=True)
class Shape:
    """`children` is a regular expression over the names of children, each followed by a space.

    `text`: whether text may stand in it; `free`: whether anything may.
    """

    children: re.Pattern[str]
    allowed: str
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    text: bool = False
    free: bool = False


def _shape(children: str, required: str = "", optional: str = "", **more: Any) -> Shape:
    """`children` in the manner of a DTD: names apart by spaces, a|b for a choice."""
    parts = [re.fullmatch(r"(.*?)([?*+]?)", part) for part in children.split()]
    pattern = "".join(f"(?:(?:{part[1]}) ){part[2]}" for part in parts if part)
    return Shape(
        re.compile(pattern),
        children,
        frozenset(required.split()),
        frozenset(optional.split()),
        **more,
    )


def _parameters(reference: str = "") -> Shape:
    return _shape("CombinerParameter*", reference)


SHAPES: Final[Mapping[str, Shape]] = {
    "PolicySet": _shape(
        "Description? PolicyIssuer? PolicySetDefaults? Target "
        "PolicySet|Policy|PolicySetIdReference|PolicyIdReference|CombinerParameters"
        f"|PolicyCombinerParameters|PolicySetCombinerParameters* {_DUTIES}",
        "PolicySetId Version PolicyCombiningAlgId",
        "MaxDelegationDepth",
    ),
    "Policy": _shape(
        "Description? PolicyIssuer? PolicyDefaults? Target "
        f"CombinerParameters|RuleCombinerParameters|VariableDefinition|Rule* {_DUTIES}",
        "PolicyId Version RuleCombiningAlgId",
        "MaxDelegationDepth",
    ),
    "Rule": _shape(f"Description? Target? Condition? {_DUTIES}", "RuleId Effect"),
    "Description": _shape("", text=True),
    "PolicyIssuer": _shape("Content? Attribute*"),
    "PolicySetDefaults": _shape("XPathVersion"),
    "PolicyDefaults": _shape("XPathVersion"),
    "XPathVersion": _shape("", text=True),
    "PolicySetIdReference": _shape(*_REFERENCE, text=True),
    "PolicyIdReference": _shape(*_REFERENCE, text=True),
    "CombinerParameters": _parameters(),
    "RuleCombinerParameters": _parameters("RuleIdRef"),
    "PolicyCombinerParameters": _parameters("PolicyIdRef"),
    "PolicySetCombinerParameters": _parameters("PolicySetIdRef"),
    "CombinerParameter": _shape("AttributeValue", "ParameterName"),
    "Target": _shape("AnyOf*"),
    "AnyOf": _shape("AllOf+"),
    "AllOf": _shape("Match+"),
    "Match": _shape("AttributeValue AttributeDesignator|AttributeSelector", "MatchId"),
    "VariableDefinition": _shape(_EXPRESSION, "VariableId"),
    "Condition": _shape(_EXPRESSION),
    "Apply": _shape(f"Description? {_EXPRESSION}*", "FunctionId"),
    "Function": _shape("", "FunctionId"),
    "VariableReference": _shape("", "VariableId"),
    "AttributeValue": _shape("", "DataType", text=True, free=True),
    "AttributeDesignator": _shape("", "Category AttributeId DataType MustBePresent", "Issuer"),
    "AttributeSelector": _shape(
        "", "Category Path DataType MustBePresent", "ContextSelectorId"
    ),
    "ObligationExpressions": _shape("ObligationExpression+"),
    "AdviceExpressions": _shape("AdviceExpression+"),
    "ObligationExpression": _shape("AttributeAssignmentExpression*", "ObligationId FulfillOn"),
    "AdviceExpression": _shape("AttributeAssignmentExpression*", "AdviceId AppliesTo"),
    "AttributeAssignmentExpression": _shape(_EXPRESSION, "AttributeId", "Category Issuer"),
    "Request": _shape(
        "RequestDefaults? Attributes+ MultiRequests?", "ReturnPolicyIdList CombinedDecision"
    ),
    "RequestDefaults": _shape("XPathVersion"),
    "Attributes": _shape("Content? Attribute*", "Category"),
    "Content": _shape("", text=True, free=True),
    "Attribute": _shape("AttributeValue+", "AttributeId IncludeInResult", "Issuer"),
    "MultiRequests": _shape("RequestReference+"),
    "RequestReference": _shape("AttributesReference+"),
    "AttributesReference": _shape("", "ReferenceId"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads documents, and refuses them with an error of its own kind."""

    refused: type[Refused]
    roots: tuple[str, ...] = field(default=())

    def fail(self, message: str, element: Element | None = None) -> Refused:
        return self.refused(message, _line(element))

    def read(self, document: bytes | str) -> Element:
        """The root of a document whose every element has its shape."""
        root = self.root(document)
        self._check(root)
        return root

    def root(self, document: bytes | str) -> Element:
        """The same, without a look at what is in it."""
        raw = self._raw(document)
        for sign in (b"<!DOCTYPE", b"<!ENTITY"):
            if (found := raw.find(sign)) >= 0:
                line = raw.count(b"\n", 0, found) + 1
                raise self.refused("a DOCTYPE is not allowed", line)
        root = self._parsed(raw)
        if hardened_xml.has_doctype(root):
            raise self.fail("a DOCTYPE is not allowed")
        self._check_root(root)
        return root

    def _raw(self, document: bytes | str) -> bytes:
        """Text counts as UTF-8, whatever encoding it declares."""
        if len(document) > limits.DOCUMENT:
            raise self.fail(
                f"{len(document)} are more than the {limits.DOCUMENT} bytes allowed"
            )
        if isinstance(document, bytes):
            return document
        text = document.lstrip()
        if text.startswith("<?xml"):
            text = text.partition("?>")[2]
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            raise self.fail(f"not XML: {error}") from error

    def _parsed(self, raw: bytes) -> Element:
        parser = hardened_xml.parser()
        try:
            return etree.fromstring(raw, parser)
        except etree.XMLSyntaxError as error:
            raise self.refused(f"not XML: {error.msg}", error.lineno) from error
        except ValueError as error:
            raise self.fail(f"not XML: {error}") from error

    def _check_root(self, root: Element) -> None:
        name = etree.QName(root)
        namespace = name.namespace or ""
        if namespace.startswith(names.OLDER):
            version = namespace.split(":")[5]
            raise self.fail(f"XACML {version} is not supported, write it as XACML 3.0", root)
        if namespace != names.NAMESPACE:
            wanted = names.NAMESPACE
            raise self.fail(f"{name.localname} is not in the namespace {wanted}", root)
        if name.localname not in self.roots:
            raise self.fail(f"{name.localname} is not {' or '.join(self.roots)}", root)

    def _check(self, root: Element) -> None:
        waiting = [(root, 1)]
        while waiting:
            element, depth = waiting.pop()
            if depth > limits.DEPTH:
                raise self.fail(f"more than {limits.DEPTH} elements within another", element)
            shape = self._shape_of(element)
            if shape.free:
                continue
            self._check_children(element, shape)
            waiting.extend((child, depth + 1) for child in element)

    def _shape_of(self, element: Element) -> Shape:
        name = tag(element)
        shape = SHAPES.get(name)
        if shape is None:
            raise self.fail(f"there is no element {name}", element)
        given = {str(key) for key in element.attrib if not str(key).startswith(_IGNORED)}
        if missing := sorted(shape.required - given):
            raise self.fail(f"{name} lacks the attribute {missing[0]}", element)
        if not shape.free and (extra := sorted(given - shape.required - shape.optional)):
            raise self.fail(f"{name} has no attribute {extra[0]}", element)
        return shape

    def _check_children(self, element: Element, shape: Shape) -> None:
        name, children = tag(element), [tag(child) for child in element]
        if not shape.children.fullmatch("".join(f"{child} " for child in children)):
            given = ", ".join(children[:6]) or "nothing"
            wanted = shape.allowed or "no element"
            raise self.fail(f"{name} takes {wanted}, in this order, not {given}", element)
        if not shape.text and _has_text(element):
            raise self.fail(f"{name} takes no text", element)

    def boolean(self, element: Element, attribute: str) -> bool:
        found = _BOOLEANS.get(attribute_of(element, attribute).strip())
        if found is None:
            raise self.fail(f"{attribute} is neither true nor false", element)
        return found


def _line(element: Element | None) -> int | None:
    line: Any = None if element is None else element.sourceline
    return None if line is None else int(line)


def _has_text(element: Element) -> bool:
    pieces = (element.text, *(child.tail for child in element))
    return any(piece and piece.strip() for piece in pieces)


def attribute_of(element: Element, attribute: str) -> str:
    """An attribute that the shape of the element requires."""
    return str(element.attrib[attribute])


def tag(element: Element) -> str:
    """Its name; with the namespace where that is not ours."""
    name: object = element.tag
    if not isinstance(name, str):
        return "an entity"
    return name.removeprefix(f"{{{names.NAMESPACE}}}")
