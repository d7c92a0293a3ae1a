"""How large what an expression makes can become, and how long that can take at most.

The engine counts iterations and depth, but not what is made in them: `x.replace('a', x)`
some times over, or a list of lists of texts, fills the memory well within its limits. So
the expression is walked with the sizes of the real inputs before it is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idp.expressions.syntax import Call, Constant, Field, Fold, Listed, Name, Node, walk

MOST_WORK = 100_000
"""Steps; one for each call, and one more for each `STRIDE` characters it makes."""
STRIDE = 64


class TooMuch(Exception):
    """Evaluating it could take too long, or too much memory."""


@dataclass(frozen=True, slots=True)
class Size:
    """`weight` counts characters and entries, all in all; `items` the entries of a list."""

    weight: int = 1
    items: int = 0
    inner: Size | None = None
    """The largest of the entries."""

    @property
    def item(self) -> Size:
        return self.inner or Size(self.weight)


def size_of(value: Any) -> Size:
    """The size of an input: a text, a list, or a map with the values that count."""
    if isinstance(value, str):
        return Size(len(value) + 1)
    if not isinstance(value, list | tuple | Mapping):
        return Size()
    entries = value.values() if isinstance(value, Mapping) else value
    inner: Size | None = None
    weight = 1
    for size in map(size_of, entries):
        weight += size.weight
        inner = size if inner is None else _either(inner, size)
    return Size(weight, len(value), inner)


def grows(node: Node) -> bool:
    """Whether it can make more than its text says: without, a walk is not needed."""
    return any(
        isinstance(part, Fold)
        or (isinstance(part, Call) and part.function in ("replace", "join", "matches"))
        for part in walk(node)
    )


def check(node: Node, inputs: Mapping[str, Any]) -> None:
    """Raises `TooMuch`."""
    _Walk({name: size_of(value) for name, value in inputs.items()}).size(node, 1)


class _Walk:
    def __init__(self, names: dict[str, Size]) -> None:
        self.names = names
        self.work = 0

    def size(self, node: Node, times: int) -> Size:
        """The largest it can become, evaluated that many times."""
        found = self._size(node, times)
        self._spend(times, found.weight)
        return found

    def _spend(self, times: int, weight: int) -> None:
        self.work += times * (1 + weight // STRIDE)
        if self.work > MOST_WORK:
            raise TooMuch

    def _size(self, node: Node, times: int) -> Size:
        if isinstance(node, Constant):
            return Size(len(node.text or "") + 1)
        if isinstance(node, Name):
            return self.names.get(node.name, Size())
        if isinstance(node, Field):
            inner = self.size(node.operand, times).item
            return Size() if node.is_test else inner
        if isinstance(node, Listed):
            return _listed([self.size(item, times) for item in node.items])
        if isinstance(node, Fold):
            return self._fold(node, times)
        arguments = [self.size(argument, times) for argument in node.arguments]
        if node.function == "matches":
            self._spend(times, arguments[0].weight * arguments[-1].weight)
        return RESULTS[node.function](arguments)

    def _fold(self, node: Fold, times: int) -> Size:
        source = self.size(node.source, times)
        start = self.size(node.start, times)
        rounds = times * source.items
        before = dict(self.names)
        self.names |= {node.variable: source.item, node.result_name: start}
        self.size(node.condition, rounds)
        once = self.size(node.step, rounds)
        made = Size(
            start.weight + source.items * max(0, once.weight - start.weight),
            start.items + source.items * max(0, once.items - start.items),
            once.inner,
        )
        self.names[node.result_name] = made
        result = self.size(node.result, times)
        self.names = before
        return result


Result = Callable[[Sequence[Size]], Size]


def _either(one: Size, other: Size) -> Size:
    inner = one.inner
    if other.inner is not None:
        inner = other.inner if inner is None else _either(inner, other.inner)
    return Size(max(one.weight, other.weight), max(one.items, other.items), inner)


def _listed(sizes: Sequence[Size]) -> Size:
    inner: Size | None = None
    for size in sizes:
        inner = size if inner is None else _either(inner, size)
    return Size(1 + sum(size.weight for size in sizes), len(sizes), inner)


def _small(arguments: Sequence[Size]) -> Size:
    return Size()


def _same(arguments: Sequence[Size]) -> Size:
    return Size(arguments[0].weight)


def _sum(arguments: Sequence[Size]) -> Size:
    one, other = arguments
    return Size(one.weight + other.weight, one.items + other.items, _either(one, other).inner)


def _branch(arguments: Sequence[Size]) -> Size:
    return _either(arguments[1], arguments[2])


def _entry(arguments: Sequence[Size]) -> Size:
    return arguments[0].item


def _as_text(arguments: Sequence[Size]) -> Size:
    return Size(arguments[0].weight + 40)


def _join(arguments: Sequence[Size]) -> Size:
    between = arguments[1].weight if len(arguments) > 1 else 0
    return Size(arguments[0].weight + arguments[0].items * between)


def _split(arguments: Sequence[Size]) -> Size:
    weight = arguments[0].weight
    return Size(2 * weight, weight, Size(weight))


def _replace(arguments: Sequence[Size]) -> Size:
    return Size(arguments[0].weight * (1 + arguments[2].weight))


RESULTS: Mapping[str, Result] = {
    **dict.fromkeys(("_-_", "_*_", "_/_", "_%_", "-_", "!_", "_&&_", "_||_"), _small),
    **dict.fromkeys(("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in"), _small),
    **dict.fromkeys(("@not_strictly_false", "size", "contains", "startsWith"), _small),
    **dict.fromkeys(("endsWith", "matches", "charAt", "indexOf", "lastIndexOf"), _small),
    **dict.fromkeys(("int", "double", "bool"), _small),
    **dict.fromkeys(("lowerAscii", "upperAscii", "substring", "trim", "reverse"), _same),
    "_+_": _sum,
    "_?_:_": _branch,
    "_[_]": _entry,
    "string": _as_text,
    "join": _join,
    "split": _split,
    "replace": _replace,
}
"""The functions there are, and how large what they answer can be."""
