"""PATCH by a partial resource (REST API 1.1 §3.3.2).

First goes what `meta.attributes` names, then the rest is merged: simple attributes are
replaced, complex ones merged part by part, and the values of a list are added, merged with
the one that has the same `value`, or taken out where they say `operation: delete`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.inbound.scim2 import bodies, patch, places, selections
from provisioning.inbound.scim2.errors import ScimError, invalid_syntax, invalid_value
from provisioning.inbound.scim2.operations import Operation
from provisioning.inbound.scim2.patch import Draft
from provisioning.inbound.scim2.places import PatchPath, Place
from provisioning.inbound.scim2.schema import Attribute, ResourceSchema, Schema
from provisioning.inbound.scim2.values import Json, coerce_element

Told = list[tuple[Place, Any]]
MAX_VALUES = 1_000
"""Values of one of a person's lists in one PATCH; members of groups are not counted."""


@dataclass(frozen=True, slots=True)
class Partial:
    """A partial resource, read: what to remove, then what to merge."""

    removed: list[PatchPath]
    told: Told
    strict: bool = False

    def apply(self, draft: Draft) -> None:
        """To a user, as a draft that is the caller's own copy."""
        for path in self.removed:
            patch.apply_at(draft, Operation("remove", path.text), path, self.strict)
        for place, value in self.told:
            if place.attribute.multi and place.attribute.is_complex:
                _merge(draft, place, value, self.strict)
            else:
                step = Operation("add", place.path, value, has_value=True)
                patch.apply_at(draft, step, PatchPath(place.path, place), self.strict)

    def operations(self) -> Iterator[Operation]:
        """To a group, as operations that need not know its members."""
        for path in self.removed:
            yield Operation("remove", path.text)
        for place, value in self.told:
            name = place.attribute.name
            if name == "members":
                yield from _of_members(value, self.strict)
            else:
                yield Operation("replace", name, value, has_value=True)


def read_partial(schema: ResourceSchema, body: Any, *, strict: bool = False) -> Partial:
    """Raises `ScimError` for attributes to remove that there are not."""
    told = list(bodies.told(schema, body, strict=strict))
    removed = [_path(schema, name) for name in _removed(body)]
    for place, value in told:
        too_many = isinstance(value, list) and len(value) > MAX_VALUES
        if too_many and place.attribute.name != "members":
            raise ScimError(413, f"{place.path}: at most {MAX_VALUES} values in one request.")
    return Partial(removed, told, strict)


def _removed(body: Mapping[str, Any]) -> list[str]:
    meta = next((body[name] for name in body if name.lower() == "meta"), None)
    if meta is None:
        return []
    if not isinstance(meta, Mapping):
        raise invalid_value("meta", "takes an object.")
    names = meta.get("attributes") or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise invalid_syntax("meta.attributes: takes a list of names of attributes.")
    return names


def _path(schema: ResourceSchema, name: str) -> PatchPath:
    match places.of_text(schema, name.strip()) if len(name) <= places.MAX_LENGTH else None:
        case Schema(urn=urn) if urn != schema.core.urn:
            return PatchPath(name, extension=urn)
        case Place() as place if place.attribute.name != "schemas":
            return PatchPath(place.path, place)
    raise invalid_value("meta.attributes", f"there is no attribute {name[:80]!r}.")


def _merge(draft: Draft, place: Place, given: Any, strict: bool) -> None:
    holder = draft.setdefault(place.urn, {}) if place.urn else draft
    attribute = place.attribute
    values = _Values(attribute, holder.get(attribute.name) or ())
    for entry in _listed(attribute.path, given, strict):
        deleted, entry = _deleted(attribute.path, entry)
        taken = coerce_element(attribute, entry, strict=strict)
        if taken and deleted:
            values.remove(taken)
        elif taken:
            values.merge(taken)
    kept = values.settled()
    if kept:
        holder[attribute.name] = kept
    else:
        holder.pop(attribute.name, None)


class _Values:
    """The values of a list, found by their `value` however many there are."""

    def __init__(self, attribute: Attribute, held: Iterable[Json]) -> None:
        self.attribute = attribute
        self.held = {id(one): one for one in map(dict, held)}
        self.primary = {key for key, one in self.held.items() if one.get("primary") is True}
        self.named: dict[Any, list[Json]] = {}
        for one in self.held.values():
            self._name(one)

    def merge(self, given: Json) -> None:
        same = self._same(given)
        if same:
            same[0].update(given)
        else:
            self.held[id(given)] = given
            self._name(given)

    def remove(self, given: Json) -> None:
        for one in self._same(given):
            del self.held[id(one)]
            if "value" in one:
                self.named[self._key(one)].remove(one)

    def settled(self) -> list[Json]:
        kept = list(self.held.values())
        selections.settle_primary(self.attribute, kept, self.primary)
        return kept

    def _same(self, given: Json) -> list[Json]:
        """By its `value` where that is one's own, else by all it says."""
        if "value" not in given:
            found = list(self.held.values())
        else:
            found = self.named.get(self._key(given), [])
            if len(found) < 2:
                return list(found)
        return [one for one in found if selections.is_like(self.attribute, one, given)]

    def _name(self, one: Json) -> None:
        if "value" in one:
            self.named.setdefault(self._key(one), []).append(one)

    def _key(self, one: Json) -> Any:
        value, sub = one["value"], self.attribute.sub("value")
        exact = sub is not None and sub.case_exact
        return value.casefold() if isinstance(value, str) and not exact else value


def _of_members(given: Any, strict: bool) -> Iterator[Operation]:
    for entry in _listed("members", given, strict):
        deleted, entry = _deleted("members", entry)
        yield Operation("remove" if deleted else "add", "members", [entry], has_value=True)


def _listed(path: str, given: Any, strict: bool) -> list[Any]:
    if given is None:
        return []
    if isinstance(given, list):
        return [entry for entry in given if entry is not None]
    if strict:
        raise invalid_value(path, "takes a list of values.")
    return [given]


def _deleted(path: str, entry: Any) -> tuple[bool, Any]:
    """Whether the entry is to go, and the entry without that word."""
    if not isinstance(entry, Mapping):
        return False, entry
    said = [value for name, value in entry.items() if name.lower() == "operation"]
    kept = {name: value for name, value in entry.items() if name.lower() != "operation"}
    if any(not isinstance(one, str) or one.lower() != "delete" for one in said):
        raise invalid_value(f"{path}.operation", "can only be delete.")
    return bool(said), kept
