"""Policies that other policies name (5.10 to 5.13)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from provisioning.rules.documents import tag
from provisioning.rules.errors import Refused
from provisioning.rules.expressions import READER
from provisioning.rules.policies import Policy

VERSION: Final = re.compile(r"(?:\d{1,9}\.){0,20}\d{1,9}", re.ASCII)
VERSION_MATCH: Final = re.compile(r"(?:(?:\d{1,9}|\*)\.){0,20}(?:\d{1,9}|\*|\+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reference:
    """The id of a policy, or a policy set, and which versions will do."""

    id: str
    is_set: bool
    version: str | None = None
    earliest: str | None = None
    latest: str | None = None

    def takes(self, version: str) -> bool:
        numbers = version_key(version)
        return (
            (self.version is None or _order(numbers, self.version) == 0)
            and (self.earliest is None or _order(numbers, self.earliest) >= 0)
            and (self.latest is None or _order(numbers, self.latest) <= 0)
        )

    def __str__(self) -> str:
        bounds = (("", self.version), ("from ", self.earliest), ("up to ", self.latest))
        wanted = " ".join(f"{word}{version}" for word, version in bounds if version)
        kind = "policy set" if self.is_set else "policy"
        return f"{kind} {self.id}" + (f" in version {wanted}" if wanted else "")


References = Callable[[Reference], Policy | None]


def version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _order(numbers: tuple[int, ...], pattern: str) -> int:
    """0 where the pattern matches: * is any number, a last + any number and what follows."""
    parts = pattern.split(".")
    for position, part in enumerate(parts):
        if part == "+":
            return 0 if len(numbers) > position else -1
        if position >= len(numbers):
            return -1
        if part != "*" and numbers[position] != int(part):
            return 1 if numbers[position] > int(part) else -1
    return 1 if len(numbers) > len(parts) else 0


class Repository:
    """Resolves references among documents. Each is loaded when first referred to, the newest
    version that will do first; one that is not referred to may be anything.
    """

    def __init__(
        self,
        documents: Mapping[str, bytes],
        load: Callable[[bytes, References], Policy],
    ) -> None:
        self._load = load
        self._loaded: dict[tuple[bool, str, str], Policy] = {}
        self._documents: dict[tuple[bool, str, str], bytes] = {}
        for document in documents.values():
            if name := _name(document):
                self._documents.setdefault(name, document)

    def __call__(self, reference: Reference) -> Policy | None:
        """Raises `PolicyRefused` for one that cannot be loaded."""
        fitting = [
            name
            for name in self._documents
            if name[:2] == (reference.is_set, reference.id) and reference.takes(name[2])
        ]
        if not fitting:
            return None
        best = max(fitting, key=lambda name: version_key(name[2]))
        if best not in self._loaded:
            self._loaded[best] = self._load(self._documents[best], self)
        return self._loaded[best]


def _name(document: bytes) -> tuple[bool, str, str] | None:
    """Kind, id and version of a document, without judging the rest of it."""
    try:
        root = READER.root(document)
    except (Refused, etree.LxmlError):
        return None
    is_set = tag(root) == "PolicySet"
    name = root.get("PolicySetId" if is_set else "PolicyId")
    version = root.get("Version", "")
    return (is_set, name, version) if name and VERSION.fullmatch(version) else None
