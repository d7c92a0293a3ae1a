"""Objects at the provider (PSOs): how they are named, and what an answer shows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.spml.xml import Element, child, children, text_of

OBJECT_CLASS = "objectclass"


@dataclass(frozen=True, slots=True)
class PsoId:
    """A PSO identifier: its ID and the target it belongs to, "" where none is named."""

    id: str
    target: str = ""

    def remote_id(self, own_target: str) -> str:
        """As the engine keeps it: the ID alone, unless the target is not the one configured.

        >>> PsoId("uid=kim").remote_id(""), PsoId("7", "hr").remote_id("hr")
        ('uid=kim', '7')
        >>> PsoId("7", "hr").remote_id(""), PsoId("{7}").remote_id("")
        ('{hr}7', '{}{7}')
        """
        foreign = self.target if self.target != own_target else ""
        if not foreign and not self.id.startswith("{"):
            return self.id
        return f"{{{foreign.replace('%', '%25').replace('}', '%7D')}}}{self.id}"

    @classmethod
    def parse(cls, remote_id: str, own_target: str) -> PsoId:
        """What `remote_id` made, or what somebody typed.

        >>> PsoId.parse("{hr}7", ""), PsoId.parse("7", "hr"), PsoId.parse("{}{7}", "")
        (PsoId(id='7', target='hr'), PsoId(id='7', target='hr'), PsoId(id='{7}', target=''))
        """
        target, brace, bare = remote_id[1:].partition("}")
        if not (remote_id.startswith("{") and brace):
            return cls(remote_id, own_target)
        return cls(bare, target.replace("%7D", "}").replace("%25", "%") or own_target)

    def below(self, parent: Element, namespace: str, name: str = "psoID") -> None:
        """Write it: each schema has a `psoID` of its own namespace."""
        child(parent, namespace, name, ID=self.id, targetID=self.target)


def named(element: Element) -> PsoId | None:
    """The identifier in a `pso`, or None: one without an ID cannot be kept."""
    for one in children(element, "psoID"):
        if found := one.get("ID"):
            return PsoId(found, one.get("targetID") or "")
    return None


@dataclass(frozen=True, slots=True)
class Pso:
    """An object as an answer shows it. Names of attributes are folded: DSML ignores case."""

    id: PsoId
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spelled: Mapping[str, str] = field(default_factory=dict)
    """How the provider writes the names."""

    @classmethod
    def read(cls, element: Element) -> Pso | None:
        found = named(element)
        if found is None:
            return None
        attributes: dict[str, tuple[str, ...]] = {}
        spelled: dict[str, str] = {}
        for data in children(element, "data"):
            for one in children(data, "attr"):
                name = one.get("name") or ""
                values = tuple(text_of(value) for value in children(one, "value"))
                folded = name.casefold()
                attributes[folded] = attributes.get(folded, ()) + values
                spelled.setdefault(folded, name)
        return cls(found, attributes, spelled)

    def values(self, name: str) -> tuple[str, ...]:
        return self.attributes.get(name.casefold(), ())

    def is_called(self, attribute: str, name: str) -> bool:
        """Whether the attribute really says so, in whichever case."""
        return name.casefold() in {value.casefold() for value in self.values(attribute)}

    def is_a(self, object_class: str) -> bool:
        """Whether it is of the class, or does not say what it is."""
        said = {value.casefold() for value in self.values(OBJECT_CLASS)}
        return not said or object_class.casefold() in said
