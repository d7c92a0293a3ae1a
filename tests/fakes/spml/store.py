"""What a provider holds, and what it takes into it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace


class Refused(Exception):
    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Held:
    """An object. Attributes are found without case, and written as they came."""

    id: str
    attributes: dict[str, list[str]] = field(default_factory=dict)
    active: bool = True
    password: str = ""
    container: str = ""

    def values(self, name: str) -> list[str]:
        return self.attributes.get(self.spelled(name), [])

    def spelled(self, name: str) -> str:
        return next((n for n in self.attributes if n.casefold() == name.casefold()), name)

    def is_a(self, object_class: str) -> bool:
        return object_class in self.values("objectclass")


class Store:
    """`naming` is by object class the attribute whose values are unique within it."""

    def __init__(self, naming: dict[str, str], *, ids_are_names: bool) -> None:
        self.naming = naming
        self.ids_are_names = ids_are_names
        self.objects: dict[str, Held] = {}
        self._numbers = itertools.count(1)

    def add(self, attributes: dict[str, list[str]], container: str) -> Held:
        made = Held("", attributes, container=container)
        if self._class_of(made) is None:
            raise Refused("malformedRequest", f"no object class: {made.values('objectclass')}")
        self._check_name(made)
        name = self.name_of(made)
        made.id = name if self.ids_are_names else f"pso-{next(self._numbers)}"
        self.objects[made.id] = made
        return made

    def double(self, pso_id: str) -> bool:
        """Another object like it; False where the names are the IDs."""
        if self.ids_are_names:
            return False
        twin = replace(self.objects[pso_id], id=f"pso-{next(self._numbers)}")
        self.objects[twin.id] = twin
        return True

    def get(self, pso_id: str) -> Held:
        if pso_id not in self.objects:
            raise Refused("noSuchIdentifier", f"there is no {pso_id}")
        return self.objects[pso_id]

    def modify(self, pso_id: str, changes: list[tuple[str, str, list[str]]]) -> Held:
        """All of it or nothing."""
        held = self.get(pso_id)
        before = {name: list(values) for name, values in held.attributes.items()}
        try:
            for mode, name, values in changes:
                self._change(held, mode, held.spelled(name), values)
            self._check_name(held)
        except Refused:
            held.attributes = before
            raise
        if self.ids_are_names and self.name_of(held) != pso_id:
            del self.objects[pso_id]
            held.id = self.name_of(held)
            self.objects[held.id] = held
        return held

    def matching(self, name: str, value: str) -> Iterator[Held]:
        for held in self.objects.values():
            if value.casefold() in {one.casefold() for one in held.values(name)}:
                yield held

    def name_of(self, held: Held) -> str:
        attribute = self.naming[self._class_of(held) or ""]
        return (held.values(attribute) or [""])[0]

    def _class_of(self, held: Held) -> str | None:
        return next((one for one in self.naming if held.is_a(one)), None)

    def _check_name(self, held: Held) -> None:
        object_class = self._class_of(held) or ""
        name = self.name_of(held)
        if not name:
            raise Refused("customError", f"{self.naming[object_class]} is required")
        for other in self.objects.values():
            is_same = self.name_of(other).casefold() == name.casefold()
            if other is not held and other.is_a(object_class) and is_same:
                raise Refused("alreadyExists", f"{name} is taken")

    def _change(self, held: Held, mode: str, name: str, values: list[str]) -> None:
        now = held.attributes.get(name, [])
        if mode != "delete" and name.casefold() == "member":
            for unknown in [value for value in values if value not in self.objects]:
                raise Refused("customError", f"{unknown} cannot be a member")
        if mode == "replace":
            held.attributes[name] = values
        elif mode == "add":
            if doubled := set(values) & set(now):
                raise Refused("customError", f"attributeOrValueExists: {sorted(doubled)[0]}")
            held.attributes[name] = now + values
        else:
            self._take_away(held, name, values)

    def _take_away(self, held: Held, name: str, values: list[str]) -> None:
        """All of it, if no values are named."""
        now = held.attributes.get(name, [])
        if absent := sorted(set(values) - set(now)) or (not now and [name]):
            raise Refused("customError", f"noSuchAttribute: {absent[0]}")
        held.attributes[name] = [value for value in now if values and value not in values]
        if not held.attributes[name]:
            del held.attributes[name]
