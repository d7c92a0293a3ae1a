"""`attributes` and `excludedAttributes` (RFC 7644 §3.9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.inbound.scim2 import places
from provisioning.inbound.scim2.errors import ScimError
from provisioning.inbound.scim2.places import Place
from provisioning.inbound.scim2.schema import ResourceSchema, Schema

Json = dict[str, Any]
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Projection:
    """Which attributes an answer shows. `only` wins over `without`; both empty: all."""

    only: Names = ()
    without: Names = ()

    def wants(self, schema: ResourceSchema, name: str) -> bool:
        """Whether an attribute of the core schema has to be read at all."""
        if self.only:
            return any(p.attribute.name == name for p in _places(schema, self.only))
        return not any(
            p.attribute.name == name and p.sub is None for p in _places(schema, self.without)
        )

    def names(self, schema: ResourceSchema, name: str) -> bool:
        """Whether `attributes` asks for this attribute by name."""
        return bool(self.only) and self.wants(schema, name)

    def apply(self, schema: ResourceSchema, resource: Json) -> Json:
        if self.only:
            return _only(schema, resource, self.only)
        return _without(schema, resource, self.without) if self.without else resource


ALL = Projection()


def read_projection(attributes: Iterable[str], excluded: Iterable[str]) -> Projection:
    """Raises `ScimError` when both are given (§3.4.2.5)."""
    only, without = tuple(attributes), tuple(excluded)
    if only and without:
        raise ScimError(
            400, "attributes and excludedAttributes exclude each other.", "invalidValue"
        )
    return Projection(only, without)


def _places(schema: ResourceSchema, names: Names) -> list[Place]:
    found = (places.of_text(schema, name) for name in names)
    return [place for place in found if isinstance(place, Place)]


def _only(schema: ResourceSchema, resource: Json, names: Names) -> Json:
    kept = {
        name: value
        for name, value in resource.items()
        if (attribute := schema.core.find(name)) and attribute.returned == "always"
    }
    for name in names:
        match places.of_text(schema, name):
            case Schema(urn=urn) if urn in resource:
                kept[urn] = resource[urn]
            case Place() as place:
                _copy(place, resource, kept)
    return kept


def _copy(place: Place, resource: Json, kept: Json) -> None:
    source = place.container(resource)
    value = source.get(place.attribute.name)
    if value is None:
        return
    target = kept.setdefault(place.urn, {}) if place.urn else kept
    if place.sub is None:
        target[place.attribute.name] = value
        return
    present = target.get(place.attribute.name)
    picked = _pick(value, place.sub.name, present)
    if picked:
        target[place.attribute.name] = picked


def _pick(value: Any, sub: str, present: Any) -> Any:
    """The sub-attribute of one value or of each, beside what was picked before."""
    if isinstance(value, Mapping):
        return {**(present or {}), **({sub: value[sub]} if sub in value else {})}
    before = present or [{} for _ in value]
    return [
        {**old, **({sub: entry[sub]} if sub in entry else {})}
        for old, entry in zip(before, value, strict=True)
    ]


def _without(schema: ResourceSchema, resource: Json, names: Names) -> Json:
    kept = dict(resource)
    for name in names:
        match places.of_text(schema, name):
            case Schema(urn=urn) if urn != schema.core.urn:
                kept.pop(urn, None)
            case Place(attribute=attribute) as place if attribute.returned != "always":
                _drop(place, kept)
    return kept


def _drop(place: Place, kept: Json) -> None:
    home = kept
    if place.urn:
        if place.urn not in kept:
            return
        home = kept[place.urn] = dict(kept[place.urn])
    value = home.get(place.attribute.name)
    if place.sub is None or value is None:
        home.pop(place.attribute.name, None)
    elif isinstance(value, list):
        home[place.attribute.name] = [_less(entry, place.sub.name) for entry in value]
    else:
        home[place.attribute.name] = _less(value, place.sub.name)


def _less(value: Mapping[str, Any], name: str) -> Json:
    return {k: v for k, v in value.items() if k != name}
