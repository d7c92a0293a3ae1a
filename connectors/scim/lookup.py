"""Finding an object by name or externalId, and believing only what was really asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.errors import Ambiguous, ConnectorIsWrong, JobIsWrong
from connectors.scim.collection import Collection
from connectors.scim.filters import equals
from connectors.scim.payload import NAME_ATTRIBUTE, found, remote_id_of
from connectors.types import Entity, Found

_PAGE = 100
_MOST_PAGES = 500


def find(collection: Collection, entity: Entity) -> list[Found]:
    """Objects whose name equals `remote_name` (whatever the case), else whose externalId
    equals `external_id`.

    A server that ignores or refuses filters is read page by page, up to a limit, beyond
    which it is ConnectorIsWrong; one that shows its first page only, and nobody of that
    name on it, is Ambiguous: "not found" would be a guess.
    """
    answered = _filtered(collection, NAME_ATTRIBUTE[entity.type], entity.remote_name)
    if answered is None or any(not _named(entity, one) for one in answered):
        return _scanned(collection, entity)
    if answered or not entity.external_id:
        return _unique(collection, answered)
    answered = _filtered(collection, "externalId", entity.external_id) or []
    return _unique(collection, [one for one in answered if _known_as(entity, one)])


def _filtered(
    collection: Collection, attribute: str, value: str
) -> list[dict[str, Any]] | None:
    """What the server answers to the filter; None when it refuses to filter by that."""
    if not collection.filters_by(attribute):
        return None
    try:
        return collection.page(filter=equals(attribute, value)).resources
    except JobIsWrong:
        return None


def _scanned(collection: Collection, entity: Entity) -> list[Found]:
    named, known = [], []
    try:
        for resource in _everything(collection):
            if _named(entity, resource):
                named.append(resource)
            elif _known_as(entity, resource):
                known.append(resource)
    except Ambiguous:
        if not named:
            raise
    return _unique(collection, named or known)


def _everything(collection: Collection) -> Iterator[dict[str, Any]]:
    """Every resource once. Neither totalResults nor startIndex is trusted to end it."""
    seen: set[str] = set()
    for _ in range(_MOST_PAGES):
        page = collection.page(startIndex=len(seen) + 1, count=_PAGE)
        fresh = [one for one in page.resources if remote_id_of(one) not in seen]
        if not fresh and page.resources and page.total > len(seen):
            raise Ambiguous(
                f"{collection.endpoint.url} ignores filters and pages: what else it holds "
                "cannot be known"
            )
        if not fresh:
            return
        seen.update(map(remote_id_of, fresh))
        yield from fresh
    raise ConnectorIsWrong(
        f"{collection.endpoint.url} ignores filters and holds more than can be read through"
    )


def _unique(collection: Collection, resources: list[dict[str, Any]]) -> list[Found]:
    by_id = {one.remote_id: one for one in (found(collection.type, r) for r in resources)}
    return list(by_id.values())


def _named(entity: Entity, resource: dict[str, Any]) -> bool:
    name = resource.get(NAME_ATTRIBUTE[entity.type])
    return isinstance(name, str) and name.casefold() == entity.remote_name.casefold()


def _known_as(entity: Entity, resource: dict[str, Any]) -> bool:
    return bool(entity.external_id) and resource.get("externalId") == entity.external_id
