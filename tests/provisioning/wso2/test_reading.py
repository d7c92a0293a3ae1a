"""Whatever the bytes are: a tree, or one sentence that names file and line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from provisioning.wso2.reading import LARGEST, Part, Unreadable, parse

NAMES = st.sampled_from(["Name", "Value", "IdentityProvider", "property", "Löffel"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
SENTENCE = re.compile(r"one\.xml(:\d+)?: .+", re.DOTALL)


def elements() -> st.SearchStrategy[etree._Element]:
    def made(name: str, text: str, children: list[etree._Element]) -> etree._Element:
        element = etree.Element(f"{{urn:x}}{name}")
        element.text = text
        element.extend(children)
        return element

    leaf = st.builds(made, NAMES, TEXTS, st.just([]))
    return st.recursive(
        leaf, lambda below: st.builds(made, NAMES, TEXTS, st.lists(below, max_size=4))
    )


def assert_same(part: Part, element: etree._Element, above: str) -> None:
    name = etree.QName(element).localname
    assert part.name == name
    assert part.path == f"{above}/{name}".lstrip("/")
    assert part.text == (element.text or "").strip()
    assert len(part.parts) == len(element)
    for below, child in zip(part.parts, element, strict=True):
        assert_same(below, child, part.path)


@given(elements())
def test_nothing_of_a_document_is_lost(element: etree._Element) -> None:
    part = parse(etree.tostring(element, encoding="utf-8"), "one.xml")

    assert_same(part, element, "")


@given(st.binary(max_size=200) | TEXTS.map(lambda text: f"<a>{text}".encode()))
def test_any_bytes_are_a_tree_or_a_sentence(data: bytes) -> None:
    told = read(data)

    assert isinstance(told, Part) or SENTENCE.fullmatch(told)


def read(data: bytes) -> Part | str:
    try:
        return parse(data, "one.xml")
    except Unreadable as error:
        return str(error)


def test_a_mistake_is_told_with_its_line() -> None:
    with pytest.raises(Unreadable, match=r"^one\.xml:3: no XML that can be read: .*mismatch"):
        parse(b"<a>\n<b>\n</a>", "one.xml")


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b"<!DOCTYPE a><a/>",
    ],
)
def test_nothing_outside_is_read(data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"one\.xml:1: a DOCTYPE is not accepted"):
        parse(data, "one.xml")


def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(Unreadable, match="larger than 5 MB"):
        parse(b"<a>" + b" " * LARGEST + b"</a>", "one.xml")


def test_names_are_local_and_without_case() -> None:
    part = parse(
        b'<x:IdP xmlns:x="urn:x"><x:isEnabled> True </x:isEnabled><Empty><a/></Empty></x:IdP>',
        "one.xml",
    )

    assert part.is_true("IsEnabled")
    assert [one.is_empty for one in part.parts] == [False, True]
    assert part.said("Nothing") == ""
