"""Finding an object by its name, and believing only what was really asked for."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.errors import Ambiguous, JobIsWrong, RemoteMissing
from connectors.spml.dsml import plain
from connectors.spml.names import SEARCH
from connectors.spml.objects import UNSUPPORTED, Objects
from connectors.spml.pso import OBJECT_CLASS, Pso
from connectors.types import Entity, Found

_UNKNOWN_THERE = frozenset(
    {UNSUPPORTED, "unsupportedSelectionType", "malformedRequest", "Client"}
)
"""What a provider says to a search that does not know it, or not this one."""
_MOST_READ = 20
"""Objects that are read, when they are found and do not show their names."""


def find(objects: Objects, entity: Entity) -> list[Found]:
    """Objects whose name equals `remote_name`, whatever the case.

    A provider that cannot be searched is asked for the object whose ID is the name. When
    that is not it either, nothing follows: Ambiguous.
    """
    name = entity.remote_name
    searched = _searched(objects, name)
    if searched is None:
        return [_by_id(objects, name)]
    by_id = {objects.remote_id(pso.id): pso for pso in searched}
    return [
        found for pso in by_id.values() if (found := _found(objects, pso, name)) is not None
    ]


def fetch(objects: Objects, remote_id: str) -> Found | None:
    """The object under the id. Its attributes are in the provider's own spelling."""
    pso = objects.read(remote_id)
    return None if pso is None else _found(objects, pso)


def _searched(objects: Objects, name: str) -> list[Pso] | None:
    """None when the provider does not search."""
    if not objects.capabilities.expected(SEARCH):
        return None
    try:
        return _called(objects, name, objects.search(name))
    except JobIsWrong as error:
        if error.code.partition(".")[0] not in _UNKNOWN_THERE:
            raise
        if error.code == UNSUPPORTED:
            objects.capabilities.remember(SEARCH, offered=False)
        return None


def _called(objects: Objects, name: str, found: Iterable[Pso]) -> list[Pso]:
    """Those that show the name. Of some that show none, nothing can be said: Ambiguous."""
    called, nameless, read = [], 0, 0
    for one in found:
        pso = one
        if not one.attributes and read < _MOST_READ:
            pso, read = objects.read(objects.remote_id(one.id)) or one, read + 1
        if not objects.may_be(pso):
            continue
        if pso.is_called(objects.name_attribute, name):
            called.append(pso)
        nameless += not pso.values(objects.name_attribute)
    if nameless and not called:
        raise Ambiguous(
            f"{objects.client.endpoint} finds {nameless} for {name} that do not show their "
            f"{objects.name_attribute}"
        )
    return called


def _by_id(objects: Objects, name: str) -> Found:
    try:
        found = fetch(objects, name)
    except JobIsWrong:  # the name cannot be an ID there
        found = None
    if found is None or found.remote_name.casefold() != name.casefold():
        raise Ambiguous(
            f"{objects.client.endpoint} cannot be searched, and has no object with the ID "
            f"{name}: whether it has one of that name cannot be known"
        )
    return found


def _found(objects: Objects, pso: Pso, name: str = "") -> Found | None:
    """None when it is gone meanwhile."""
    remote_id = objects.remote_id(pso.id)
    try:
        active = objects.is_active(remote_id)
    except RemoteMissing:
        return None
    return Found(
        remote_id=remote_id,
        remote_name=objects.name_of(pso, name),
        active=active,
        attributes={
            pso.spelled[name]: plain(values)
            for name, values in pso.attributes.items()
            if values and name != OBJECT_CLASS
        },
    )
