"""The syntax tree of a compiled CEL expression.

The engine gives its tree away in one form only: serialized, as a `cel.expr.CheckedExpr`
(cel-spec, proto/cel/expr/checked.proto and syntax.proto) inside a `google.protobuf.Any`.
This reads just enough of the wire format to walk it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


class Unreadable(ValueError):
    """The engine's serialized form is not what it was when this was written."""


@dataclass(frozen=True, slots=True)
class Constant:
    """`text` is the value of a string or bytes literal, None for any other."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """`operand.field`, or with `is_test` the question whether there is one: `has(…)`."""

    operand: Node
    field: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator (`_+_`, `_?_:_`); what it is called on is the first argument."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list literal, or a map literal with its keys and values one after another."""

    items: tuple[Node, ...]
    is_map: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    """What `map`, `filter`, `exists`, `exists_one` and `all` become."""

    variable: str
    source: Node
    result_name: str
    start: Node
    condition: Node
    step: Node
    result: Node


Node = Constant | Name | Field | Call | Listed | Fold


def read(serialized: bytes) -> Node:
    """The tree. Raises `Unreadable`."""
    try:
        checked = _one(_fields(serialized), 2)
        return _node(_one(_fields(checked), 4))
    except (IndexError, KeyError, UnicodeDecodeError, TypeError) as error:
        raise Unreadable("the expression's tree cannot be read") from error


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in _children(node):
        yield from walk(child)


def _children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Field):
        return (node.operand,)
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Listed):
        return node.items
    if isinstance(node, Fold):
        return (node.source, node.start, node.condition, node.step, node.result)
    return ()


Fields = Mapping[int, list[Any]]


def _fields(data: bytes) -> Fields:
    """A message's fields by number: bytes, or numbers for varints and fixed ones."""
    found: dict[int, list[Any]] = defaultdict(list)
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at)
            found[number].append(value)
        elif kind == 2:
            length, at = _varint(data, at)
            found[number].append(data[at : at + length])
            at += length
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
            found[number].append(0)
        else:
            raise Unreadable(f"unknown wire type {kind}")
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _one(fields: Fields, number: int) -> bytes:
    value: bytes = fields[number][0]
    return value


def _text(fields: Fields, number: int) -> str:
    return bytes(fields.get(number, [b""])[0]).decode()


def _node(data: bytes) -> Node:
    fields = _fields(data)
    for number, make in _MAKERS.items():
        if number in fields:
            return make(_fields(fields[number][0]))
    return Constant(None)


def _constant(fields: Fields) -> Node:
    for number in (6, 7):
        if number in fields:
            return Constant(bytes(fields[number][0]).decode(errors="replace"))
    return Constant(None)


def _name(fields: Fields) -> Node:
    return Name(_text(fields, 1))


def _field(fields: Fields) -> Node:
    return Field(_node(_one(fields, 1)), _text(fields, 2), bool(fields.get(3, [0])[0]))


def _call(fields: Fields) -> Node:
    arguments = [*fields.get(1, ()), *fields.get(3, ())]
    return Call(_text(fields, 2), tuple(_node(argument) for argument in arguments))


def _list(fields: Fields) -> Node:
    return Listed(tuple(_node(item) for item in fields.get(1, ())))


def _map(fields: Fields) -> Node:
    items: list[Node] = []
    for entry in map(_fields, fields.get(2, ())):
        items += [_node(part) for number in (3, 4) for part in entry.get(number, ())]
    return Listed(tuple(items), is_map=True)


def _fold(fields: Fields) -> Node:
    source, start, condition, step, result = (_node(_one(fields, n)) for n in (2, 4, 5, 6, 7))
    return Fold(_text(fields, 1), source, _text(fields, 3), start, condition, step, result)


_MAKERS: Mapping[int, Callable[[Fields], Node]] = {
    3: _constant,
    4: _name,
    5: _field,
    6: _call,
    7: _list,
    8: _map,
    9: _fold,
}
