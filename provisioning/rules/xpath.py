"""XPath 1.0 over the Content of a request, by libxml2, within bounds (7.3.7).

libxml2 cannot be stopped, so an expression is judged before it runs: every step that can
reach the whole document from each node (`//`, `..`, the long axes, a path from the root within
a predicate) multiplies its cost by the number of nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from lxml import etree

from provisioning.rules import limits
from provisioning.rules.content import Content, Element, Node
from provisioning.rules.errors import Indeterminate
from provisioning.rules.evaluation import Evaluation

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<literal>\"[^\"]*\"|'[^']*')|(?P<number>\d+(?:\.\d*)?|\.\d+)"
    r"|(?P<sign>//|::|\.\.|!=|<=|>=|[()\[\]@,/|+\-=<>*.$])"
    r"|(?P<name>[^\W\d][\w.\-]*(?::(?:\*|[^\W\d][\w.\-]*))?))"
)
_OPERATORS: Final = frozenset(("and", "or", "mod", "div"))
_CORE_LIBRARY: Final = (
    "boolean ceiling concat contains count false floor id lang last local-name name "
    "namespace-uri normalize-space not number position round starts-with string "
    "string-length substring substring-after substring-before sum translate true"
)
_FUNCTIONS: Final = frozenset(_CORE_LIBRARY.split(" "))
_NODE_TESTS: Final = frozenset(("text", "node", "comment", "processing-instruction"))
_BEFORE_STEP: Final = frozenset(
    ("", "[", "(", ",", "|", "+", "-", "=", "!=", "<", "<=", ">", ">=")
)
_FAR: Final = frozenset(
    (
        "ancestor",
        "ancestor-or-self",
        "descendant",
        "descendant-or-self",
        "following",
        "following-sibling",
        "preceding",
        "preceding-sibling",
        "parent",
    )
)


class BadXPath(ValueError):
    """An XPath expression that is not taken, and why."""


@dataclass(frozen=True, slots=True)
class Judged:
    run: Any
    sweeps: int
    relative: Any


def tokens(path: str) -> list[tuple[str, str]]:
    """Raises `BadXPath`."""
    if len(path) > limits.XPATH:
        raise BadXPath(f"an XPath expression of {len(path)} characters is too long")
    found, position, path = [], 0, path.rstrip()
    while position < len(path):
        match = _TOKEN.match(path, position)
        if match is None:
            raise BadXPath(f"{path!r} is no XPath expression")
        found.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        position = match.end()
    return found


def _operator(kind: str, text: str, before: str, before_kind: str) -> bool:
    """XPath 1.0, 3.7: after an operand, a name or * is an operator."""
    if before in _BEFORE_STEP or before in ("@", "::", "/", "//") or before_kind == "operator":
        return False
    return (kind == "name" and text in _OPERATORS) or text == "*"


def _classified(path: str) -> Iterator[tuple[str, str, str]]:
    """Kind, text and the text before, with operators told from names."""
    before, before_kind = "", "operator"
    for kind, text in tokens(path):
        if _operator(kind, text, before, before_kind):
            kind = "operator"
        yield kind, text, "" if before_kind == "operator" else before
        before, before_kind = text, kind


def judge(path: str) -> tuple[int, str]:
    """How often the whole document may be gone through within itself, and the expression
    with its outer relative paths starting at the document. Raises `BadXPath`.
    """
    sweeps, depth, made, parts = 0, 0, [], list(_classified(path))
    for index, (kind, text, before) in enumerate(parts):
        following = parts[index + 1][1] if index + 1 < len(parts) else ""
        _check(kind, text, following)
        starts = before in _BEFORE_STEP
        sweeps += text in ("//", "..") or (following == "::" and text in _FAR)
        sweeps += text == "/" and starts and depth > 0
        if starts and depth == 0 and _begins_step(kind, text, following):
            made.append("/")
        depth += (text == "[") - (text == "]")
        made.append(f" {text} " if kind == "operator" else text)
    return sweeps, "".join(made)


def _check(kind: str, text: str, following: str) -> None:
    """No variables, and no functions but those of XPath 1.0. Raises `BadXPath`."""
    if text == "$":
        raise BadXPath("an XPath expression has no variables here")
    if kind == "name" and following == "(" and text not in _FUNCTIONS | _NODE_TESTS:
        raise BadXPath(f"XPath 1.0 has no function {text}")


def _begins_step(kind: str, text: str, following: str) -> bool:
    if kind == "name":
        return following != "(" or text in _NODE_TESTS
    return kind == "sign" and text in ("*", ".", "..", "@")


@lru_cache(maxsize=512)
def _compiled(path: str, namespaces: tuple[tuple[str, str], ...]) -> Judged:
    sweeps, absolute = judge(path)
    for kind, text in tokens(path):
        prefix, colon, _ = text.partition(":")
        if kind == "name" and colon and prefix not in dict(namespaces):
            raise BadXPath(f"the prefix {prefix} in {path!r} is not declared")
    try:
        one, other = (
            etree.XPath(text, namespaces=dict(namespaces), regexp=False)
            for text in (absolute, path)
        )
    except etree.XPathError as error:
        raise BadXPath(f"{path!r} is no XPath expression: {error}") from error
    return Judged(one, sweeps, other)


def compiled(path: str, namespaces: Mapping[str, str]) -> Judged:
    """Raises `BadXPath`."""
    return _compiled(path, tuple(sorted(namespaces.items())))


def selected(
    e: Evaluation,
    content: Content,
    path: str,
    namespaces: Mapping[str, str],
    start: Element | None = None,
) -> list[Node]:
    """The nodes a path selects, from the document or from an element of it.

    Raises `Indeterminate`, also for expressions that answer no nodes or could take too long.
    """
    try:
        judged = compiled(path, namespaces)
    except BadXPath as error:
        raise Indeterminate.unreadable(str(error)) from error
    visits = content.nodes ** max(judged.sweeps, 1)
    if visits > limits.XPATH_STEPS:
        raise Indeterminate(f"{path!r} could take too long on {content.nodes} nodes")
    e.spend(visits >> 4)
    run = judged.run if start is None else judged.relative
    try:
        answer = run(content.tree if start is None else start)
    except etree.XPathError as error:
        raise Indeterminate.unreadable(f"{path!r} cannot be evaluated: {error}") from error
    if not isinstance(answer, list):
        raise Indeterminate.unreadable(f"{path!r} selects no nodes")
    return [_node(found, index) for index, found in enumerate(answer)]


def _node(found: Any, index: int) -> Node:
    if isinstance(found, Element):
        return Node(found, "", "".join(map(str, found.itertext())))
    if isinstance(found, tuple):
        raise Indeterminate.unreadable("a namespace is no node that has a value")
    parent = found.getparent()
    if found.is_attribute:
        return Node(parent, f"@{found.attrname}", str(found))
    return Node(parent, "tail" if found.is_tail else "text", str(found))
