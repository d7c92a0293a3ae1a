"""A Request in XML, and the individual requests it stands for.

One document may ask for many decisions (Multiple Decision Profile): by references, by repeating
a category, by an expression that selects several nodes of a Content.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

from provisioning.rules import datatypes, limits, names
from provisioning.rules.content import Content
from provisioning.rules.datatypes import XPathExpression
from provisioning.rules.documents import Element, Reader, attribute_of, tag
from provisioning.rules.errors import Indeterminate, RequestRefused, Unreadable
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.expressions import plain_value
from provisioning.rules.request import Given, Request, built
from provisioning.rules.xpath import selected

READER: Final = Reader(RequestRefused, ("Request",))
_XML_ID: Final = "{http://www.w3.org/XML/1998/namespace}id"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a document asks for. Decide each request, and answer with `write_response`."""

    requests: tuple[Request, ...]
    return_policy_ids: bool = False
    combined: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """One Attributes element."""

    category: str
    given: tuple[Given, ...]
    content: Content | None
    echo: Element | None


def parse_request(document: bytes | str) -> Asked:
    """Raises `RequestRefused` for what the schema does not allow. A value that is none of its
    type is no reason: whoever reads it gets Indeterminate.
    """
    root = READER.read(document)
    elements = [child for child in root if tag(child) == "Attributes"]
    parts = [(element.get(_XML_ID), _part(element)) for element in elements]
    requests: list[Request] = []
    for group in _groups(root, parts):
        for request in _individual(group):
            requests.append(request)
            if len(requests) > limits.DECISIONS:
                raise READER.fail(f"more than {limits.DECISIONS} decisions are asked for", root)
    return Asked(
        tuple(requests),
        READER.boolean(root, "ReturnPolicyIdList"),
        READER.boolean(root, "CombinedDecision"),
    )


def _part(element: Element) -> _Part:
    category = attribute_of(element, "Category").strip()
    content = next((child for child in element if tag(child) == "Content"), None)
    attributes = [child for child in element if tag(child) == "Attribute"]
    given = [one for child in attributes for one in _values(category, child)]
    return _Part(
        category,
        tuple(given),
        None if content is None else _content(content),
        _echo(element, attributes),
    )


def _values(category: str, element: Element) -> Iterator[Given]:
    name, issuer = attribute_of(element, "AttributeId").strip(), element.get("Issuer")
    for child in element:
        data_type = names.canonical_type(attribute_of(child, "DataType").strip())
        kind = datatypes.ALL.get(data_type)
        if kind is None:
            continue  # No policy can ask for it either.
        value: Any
        try:
            value = plain_value(child, kind)
        except Unreadable as error:
            value = error
        yield Given(category, name, data_type, value, issuer)


def _content(element: Element) -> Content:
    if len(element) != 1:
        raise READER.fail("Content takes one element", element)
    return Content.of(deepcopy(element[0]))


def _echo(element: Element, attributes: Sequence[Element]) -> Element | None:
    """The element with those attributes that come back with the result."""
    wanted = [one for one in attributes if READER.boolean(one, "IncludeInResult")]
    if not wanted:
        return None
    echo = element.makeelement(element.tag, {"Category": attribute_of(element, "Category")})
    for attribute in wanted:
        copied = deepcopy(attribute)
        copied.tail = None
        echo.append(copied)
    return echo


def _groups(
    root: Element, parts: Sequence[tuple[str | None, _Part]]
) -> Iterator[Sequence[_Part]]:
    """The parts of each referenced request; all of them where there are no references."""
    references = root.find(f"{{{names.NAMESPACE}}}MultiRequests")
    if references is None:
        yield [part for _, part in parts]
        return
    by_id = {name: part for name, part in parts if name is not None}
    for reference in references:
        wanted = [attribute_of(child, "ReferenceId") for child in reference]
        if unknown := [name for name in wanted if name not in by_id]:
            raise READER.fail(
                f"there are no Attributes with the xml:id {unknown[0]}", reference
            )
        yield [by_id[name] for name in wanted]


def _individual(parts: Sequence[_Part]) -> Iterator[Request]:
    """One request for every choice among parts of one category."""
    by_category: dict[str, list[_Part]] = {}
    for part in parts:
        by_category.setdefault(part.category, []).append(part)
    for chosen in product(*by_category.values()):
        yield from _pointed(chosen)


def _pointed(parts: Sequence[_Part]) -> Iterator[Request]:
    """One request for every node that a multiple content selector points to."""
    pointers = [
        (part, given)
        for part in parts
        for given in part.given
        if given.attribute_id == names.MULTIPLE_CONTENT_SELECTOR
        and isinstance(given.value, XPathExpression)
    ]
    if not pointers:
        yield _request(parts)
        return
    try:
        rows = [_single_pointers(part, given) for part, given in pointers]
    except Indeterminate as error:
        yield replace(_request(parts), problem=str(error))
        return
    replaced = [id(given) for _, given in pointers]
    for row in product(*rows):
        yield _request(parts, replaced, row)


def _single_pointers(part: _Part, given: Given) -> list[Given]:
    """A content selector for each node. Raises `Indeterminate`."""
    if part.content is None:
        raise Indeterminate(f"{part.category} has no Content to select from")
    pointer: XPathExpression = given.value
    e = Evaluation(Request({}), None)
    nodes = selected(e, part.content, pointer.path, pointer.namespaces)
    if not nodes:
        raise Indeterminate(f"{pointer.path!r} selects no nodes")
    return [
        replace(
            given,
            attribute_id=names.CONTENT_SELECTOR,
            value=replace(pointer, path=node.path(), namespaces={}),
        )
        for node in nodes
    ]


def _request(
    parts: Sequence[_Part], without: Sequence[int] = (), more: Sequence[Given] = ()
) -> Request:
    given = [one for part in parts for one in part.given if id(one) not in without]
    contents = {part.category: part.content for part in parts if part.content is not None}
    echo = tuple(part.echo for part in parts if part.echo is not None)
    return built(iter([*given, *more]), contents, echo)
