"""Functions about the nodes of a Content (A.3.15 and, deprecated, A.4)."""

from __future__ import annotations

from typing import Any, Final

from provisioning.rules import names
from provisioning.rules.content import Node
from provisioning.rules.datatypes import XPathExpression
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.functions.signature import Function, Kind
from provisioning.rules.xpath import selected

_V3: Final = names.URN + "3.0:function:"
_XPATH: Final = Kind(names.XPATH)
_BOOLEAN: Final = Kind(names.BOOLEAN)


def _nodes(e: Evaluation, expression: XPathExpression) -> list[Node]:
    content = e.request.contents.get(expression.category)
    if content is None:
        return []
    return selected(e, content, expression.path, expression.namespaces)


def node_count(e: Evaluation, expression: XPathExpression) -> int:
    return len(_nodes(e, expression))


def node_equal(e: Evaluation, one: XPathExpression, other: XPathExpression) -> bool:
    there = {node.identity for node in _nodes(e, other)}
    return any(node.identity in there for node in _nodes(e, one))


def node_match(e: Evaluation, one: XPathExpression, other: XPathExpression) -> bool:
    """A node of the second is one of the first, or below one."""
    above = {node.identity for node in _nodes(e, one)}
    for node in _nodes(e, other):
        line: list[Any] = node.line()
        e.spend(len(line))
        if not above.isdisjoint(line):
            return True
    return False


FUNCTIONS: Final = (
    Function(_V3 + "xpath-node-count", (_XPATH,), Kind(names.INTEGER), node_count),
    Function(_V3 + "xpath-node-equal", (_XPATH, _XPATH), _BOOLEAN, node_equal),
    Function(_V3 + "xpath-node-match", (_XPATH, _XPATH), _BOOLEAN, node_match),
)
