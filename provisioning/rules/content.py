"""The XML that a request carries along, and nodes of it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

Element = etree._Element


@dataclass(frozen=True, slots=True)
class Content:
    """The document within a Content element. Never changed."""

    tree: Any
    nodes: int = field(compare=False)

    @classmethod
    def of(cls, root: Element) -> Content:
        root.tail = None
        count = sum(2 + len(element.attrib) for element in root.iter())
        return cls(etree.ElementTree(root), count)


@dataclass(frozen=True, slots=True)
class Node:
    """A selected node: an element, or what hangs on one (an attribute, a text)."""

    element: Element
    kind: str
    text: str

    @property
    def identity(self) -> Hashable:
        return (self.element, self.kind)

    def line(self) -> list[Hashable]:
        """The identities of the node and of those above it."""
        above = [] if self.kind == "" else [self.element]
        elements = [*above, *self.element.iterancestors()]
        return [self.identity, *((element, "") for element in elements)]

    def path(self) -> str:
        """An expression that selects it alone, without a prefix."""
        steps = [_step(one) for one in (self.element, *self.element.iterancestors())]
        own = {"": "", "text": "/text()[1]", "tail": "/following-sibling::text()[1]"}
        return "/" + "/".join(reversed(steps)) + own.get(self.kind, f"/{self.kind}")


def _step(element: Element) -> str:
    """By position alone, so that no prefix is needed."""
    return f"*[{1 + sum(1 for _ in element.itersiblings(etree.Element, preceding=True))}]"
