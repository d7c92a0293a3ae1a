"""AttributeSelector: a bag out of the Content of a category (7.3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioning.rules import limits, names
from provisioning.rules.content import Content, Element
from provisioning.rules.datatypes import DataType, XPathExpression
from provisioning.rules.errors import Indeterminate, Unreadable
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.functions.signature import Closure
from provisioning.rules.xpath import compiled, selected


def selector(
    category: str,
    path: str,
    namespaces: Mapping[str, str],
    kind: DataType,
    context_id: str | None,
    *,
    must_be_present: bool,
) -> Closure:
    """Raises `BadXPath`."""
    compiled(path, namespaces)

    def run(e: Evaluation) -> tuple[Any, ...]:
        content = e.request.contents.get(category)
        bag: tuple[Any, ...] = ()
        if content is not None:
            start = None if context_id is None else _start(e, content, category, context_id)
            nodes = selected(e, content, path, namespaces, start)
            bag = tuple([_value(kind, node.text) for node in nodes])
        if not bag and must_be_present:
            raise Indeterminate.absent(f"the content of {category} has no {path}")
        return bag

    return run


def _start(e: Evaluation, content: Content, category: str, context_id: str) -> Element:
    """The element that the attribute `context_id` points to."""
    bag = e.bags.get((category, context_id, names.XPATH), ())
    if len(bag) != 1:
        raise Indeterminate.unreadable(f"{context_id} does not hold just one XPath expression")
    pointer: XPathExpression = bag[0]
    nodes = selected(e, content, pointer.path, pointer.namespaces)
    if len(nodes) != 1 or nodes[0].kind:
        raise Indeterminate.unreadable(f"{pointer.path!r} does not select just one element")
    return nodes[0].element


def _value(kind: DataType, text: str) -> Any:
    if kind.id == names.XPATH or len(text) > limits.TEXT:
        raise Indeterminate(f"a selected node is no {kind.name}")
    try:
        return kind.parse(text)
    except Unreadable as error:
        raise Indeterminate(f"a selected node is no {kind.name}: {error}") from error
