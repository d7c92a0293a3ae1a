"""From WSO2's XML to plain values that know where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from connectors import hardened_xml

LARGEST = 5 * 1024 * 1024


class Unreadable(ValueError):
    """A file that cannot be taken: a sentence that begins with the file and the line."""


@dataclass(frozen=True, slots=True)
class Part:
    """An element: WSO2 looks at local names only, and so do we; case does not count.

    `path` is the way from the root, as reports tell it.
    """

    name: str
    path: str
    file: str
    line: int
    text: str = ""
    parts: tuple[Part, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Nothing is said here: hand-written files keep empty elements for everything."""
        return not self.text and all(part.is_empty for part in self.parts)

    def named(self, *names: str) -> Iterator[Part]:
        wanted = {name.lower() for name in names}
        return (part for part in self.parts if part.name.lower() in wanted)

    def part(self, *names: str) -> Part | None:
        """The first of these names: there it goes by the first it meets as well."""
        return next(self.named(*names), None)

    def said(self, *names: str) -> str:
        found = self.part(*names)
        return found.text if found else ""

    def below(self, *path: str) -> tuple[Part, ...]:
        """The parts of what lies at the end of a path; none when it ends earlier."""
        at: Part | None = self
        for name in path:
            at = at.part(name) if at else None
        return at.parts if at else ()

    def is_true(self, *names: str) -> bool:
        return is_true(self.said(*names))

    def refuse(self, why: str) -> Unreadable:
        return Unreadable(f"{self.file}:{self.line}: {why}")


def is_true(text: str) -> bool:
    """As Java's parseBoolean: anything but true is false."""
    return text.strip().lower() == "true"


def read(path: Path, shown: str) -> Part:
    """The root of the file, which messages and reports call `shown`. Raises `Unreadable`."""
    try:
        with path.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"{shown}: {error.strerror}") from error
    return parse(data, shown)


def parse(data: bytes, shown: str) -> Part:
    """Raises `Unreadable`."""
    if len(data) > LARGEST:
        raise Unreadable(f"{shown}: larger than {LARGEST // 1024 // 1024} MB")
    try:
        root = etree.fromstring(data, hardened_xml.parser())
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise Unreadable(f"{shown}:{line}: no XML that can be read: {error.msg}") from error
    except (ValueError, LookupError) as error:
        raise Unreadable(f"{shown}:1: no XML that can be read: {error}") from error
    if hardened_xml.has_doctype(root):
        raise Unreadable(f"{shown}:1: a DOCTYPE is not accepted: take it out")
    return _part(root, shown, "")


def _part(element: etree._Element, shown: str, above: str) -> Part:
    name = etree.QName(element).localname
    path = f"{above}/{name}" if above else name
    children = [child for child in element if isinstance(child.tag, str)]
    line: Any = element.sourceline
    # Text behind a child is a slip of the pen: WSO2's own example has one.
    own = (element.text or "") if children else "".join(map(str, element.itertext()))
    return Part(
        name=name,
        path=path,
        file=shown,
        line=line or 1,
        text=own.strip(),
        parts=tuple(_part(child, shown, path) for child in children),
        attributes={
            etree.QName(key).localname: value
            for key, value in element.attrib.items()
            if isinstance(key, str) and isinstance(value, str)
        },
    )
