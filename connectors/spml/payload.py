"""From an entity to the attributes the target shall hold, and what it is believed to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.spml.dsml import Values, attributes_of, plain, sendable, values_of
from connectors.spml.objects import Objects
from connectors.spml.pso import OBJECT_CLASS, Pso
from connectors.types import Entity, EntityType

ACTIVE = "(active)"
"""In a receipt, beside the attributes: no DSML attribute can be called so."""


@dataclass(frozen=True, slots=True)
class State:
    """`active` is None for what cannot be suspended."""

    attributes: Mapping[str, Values]
    active: bool | None

    def receipt(self) -> dict[str, Any]:
        held: dict[str, Any] = {name: plain(values) for name, values in self.attributes.items()}
        return held if self.active is None else {**held, ACTIVE: self.active}


def wanted(objects: Objects, entity: Entity) -> State:
    """Raises NotConfigured for attributes that cannot be sent."""
    mapped = _without_ours(objects, attributes_of(entity.attributes))
    active = entity.active if entity.type is EntityType.USER else None
    return State({objects.name_attribute: (entity.remote_name,), **mapped}, active)


def believed(objects: Objects, accepted: Mapping[str, Any], name: str) -> State:
    """What the target accepted last, when it was called `name`."""
    held = sendable(accepted)
    known_as = (name,) if name else values_of(accepted.get(objects.name_attribute))
    active = accepted.get(ACTIVE)
    return State(
        {**_without_ours(objects, held), objects.name_attribute: known_as},
        active if isinstance(active, bool) else None,
    )


def shown(
    objects: Objects, pso: Pso, after: State, unconfirmed: Mapping[str, Any], active: bool
) -> State:
    """The part of an object at the target that is ours to change."""
    maybe = _without_ours(objects, sendable(unconfirmed))
    ours = {name.casefold(): name for name in (*maybe, *after.attributes)}
    held = {name: pso.values(name) for name in ours.values() if pso.values(name)}
    return State(held, active if after.active is not None else None)


def _without_ours(objects: Objects, attributes: Mapping[str, Values]) -> dict[str, Values]:
    """Without what is said by other means, whatever a mapping may say of it."""
    ours = {OBJECT_CLASS, objects.name_attribute.casefold()}
    return {name: held for name, held in attributes.items() if name.casefold() not in ours}
