"""XACML policies, with what is known of their order and whether they decide.

A policy is a document of its own, as WSO2 downloads it. Its order and state stand in an answer
of its EntitlementPolicyAdminService (PolicyDTO) for the published ones, saved beside them; it
may hold the documents, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from connectors import hardened_xml
from provisioning import rules
from provisioning.rules import PolicyRefused, Repository
from provisioning.wso2.notes import Notes
from provisioning.wso2.reading import Part, is_true, parse

Entry = dict[str, Any]

POLICIES = ("Policy", "PolicySet")
REFERENCES = frozenset({"PolicyIdReference", "PolicySetIdReference"})
_ASSUMED = "nothing beside it says so: taken as published and enabled"
_NOT_LISTED = "not in the list of published ones: a draft"
_DRAFT = "lies in WSO2's own folder, whose policies are drafts"
_ORDER = "WSO2 asks the highest number first, and we the lowest; a Deny wins in both"


@dataclass(slots=True)
class Document:
    root: Part
    text: str
    id: str
    drafted: bool
    refers_to: set[str]


@dataclass(slots=True)
class Policies:
    documents: dict[str, Document] = field(default_factory=dict)
    states: dict[str, Part] = field(default_factory=dict)

    def read(self, data: bytes, root: Part, *, drafted: bool) -> None:
        """Raises `Unreadable`."""
        if root.name in POLICIES:
            self._add(data.decode("utf-8-sig", "replace"), root, drafted=drafted)
            return
        states = list(_states(root))
        if not states:
            raise root.refuse(f"holds a {root.name}, neither a policy nor the state of one")
        for state in states:
            self.states[state.said("policyId")] = state
            if text := state.said("policy"):
                self._add(text, parse(text.encode(), state.file), drafted=False)

    def _add(self, text: str, root: Part, *, drafted: bool) -> None:
        tree = etree.fromstring(text.encode(), hardened_xml.parser("utf-8"))
        name = str(
            tree.get("PolicySetId" if root.name == "PolicySet" else "PolicyId", "")
        ).strip()
        if not name:
            raise root.refuse("a policy without an id")
        known = self.documents.get(name)
        if known and known.text != text:
            raise root.refuse(f"{known.root.file} holds another policy {name}")
        found = (one.text for one in tree.iter("{*}*") if _local(one) in REFERENCES)
        refers_to = {text.strip() for text in found if text}
        self.documents.setdefault(name, Document(root, text, name, drafted, refers_to))

    def refused(self, notes: Notes) -> Iterator[str]:
        """What is wrong with documents that decide, in sentences; drafts are left out."""
        known = Repository(
            {name: one.text.encode() for name, one in self.documents.items()}, rules.load
        )
        for one in list(self.documents.values()):
            try:
                rules.load(one.text, known)
            except PolicyRefused as error:
                if not self._is_draft(one):
                    yield f"{one.root.file}: policy {one.id}: {error}"
                    continue
                why = f"a draft that could not be published here: {error}"
                notes.on(f"policy {one.id}").left_out(one.root, why, value="")
                del self.documents[one.id]

    def _is_draft(self, one: Document) -> bool:
        return one.id not in self.states and (one.drafted or bool(self.states))

    def entries(self, notes: Notes) -> list[Entry]:
        """Referred to before who refers to them; their order in the order we ask."""
        ranked = sorted(self.documents.values(), key=lambda one: (-self._order(one), one.id))
        places = {one.id: number for number, one in enumerate(ranked, 1)}
        return [self._entry(one, places[one.id], notes) for one in _in_line(self.documents)]

    def _order(self, one: Document) -> int:
        state = self.states.get(one.id)
        text = state.said("policyOrder") if state else ""
        return int(text) if text.lstrip("-").isdecimal() else 0

    def _entry(self, one: Document, place: int, notes: Notes) -> Entry:
        pen, state = notes.on(f"policy {one.id}"), self.states.get(one.id)
        pen.taken(one.root, "document", value="as it is")
        entry: Entry = {"name": one.id, "order": place, "document": one.text}
        if state is None:
            draft = self._is_draft(one)
            why = _DRAFT if one.drafted else _NOT_LISTED if draft else _ASSUMED
            pen.translated(one.root, f"published: {str(not draft).lower()}", why, value="")
            return {**entry, "enabled": True, "published": not draft}
        active = state.part("active", "isActive")
        entry |= {"enabled": is_true(active.text) if active else True, "published": True}
        pen.taken(state, "published", value="in the list")
        if active:
            pen.taken(active, "enabled")
        if order := state.part("policyOrder"):
            pen.translated(order, f"order: {place}", _ORDER)
        return entry


def _states(part: Part) -> Iterator[Part]:
    if part.said("policyId"):
        yield part
        return
    for below in part.parts:
        yield from _states(below)


def _in_line(documents: Mapping[str, Document]) -> list[Document]:
    """Circles are refused elsewhere."""
    line: dict[str, Document] = {}

    def put(one: Document, above: frozenset[str]) -> None:
        for name in sorted(one.refers_to - above):
            if name in documents and name not in line:
                put(documents[name], above | {name})
        line.setdefault(one.id, one)

    for one in documents.values():
        put(one, frozenset({one.id}))
    return list(line.values())


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
