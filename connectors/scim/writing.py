"""Changing a resource by PATCH, or by PUT where a server has no PATCH."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from connectors.errors import ConnectorError, ConnectorIsWrong, JobIsWrong
from connectors.scim.collection import Collection
from connectors.scim.diff import same
from connectors.scim.payload import NAME_ATTRIBUTE, is_true
from connectors.types import EntityType

_REMEMBERED = 3600.0
"""Seconds until a server without PATCH is asked again."""
NO_PATCH = frozenset({405, 501})
_MAY_MEANNO_PATCH = frozenset({400, 403, 404, 415})
READ_ONLY = frozenset({"id", "meta", "schemas", "groups", "password"})


class PatchSupport:
    """Which servers are known not to have PATCH, for all connectors of this process."""

    _known: ClassVar[dict[str, tuple[bool, float]]] = {}

    def __init__(self, update_method: str) -> None:
        self._update_method = update_method

    def expected(self, collection: Collection) -> bool:
        """Whether to try PATCH: yes, until something says otherwise."""
        method = self._method(collection)
        if method != "auto":
            return method == "patch"
        supported, until = self._known.get(collection.endpoint.url, (True, 0.0))
        return supported or time.monotonic() >= until

    def remember(self, collection: Collection, supported: bool) -> None:
        self._known[collection.endpoint.url] = (supported, time.monotonic() + _REMEMBERED)

    def missing(self, collection: Collection, error: ConnectorError) -> bool:
        """Whether this answer to a PATCH means that the server has none: then it is PUT."""
        if self._method(collection) != "auto":
            return False
        lacks = error.status in NO_PATCH or (
            error.status in _MAY_MEANNO_PATCH and announced(collection) is False
        )
        if lacks:
            self.remember(collection, False)
        return lacks

    def fixed(self, collection: Collection) -> str:
        """`put` or `patch`, where the product is known to have nothing else; else empty."""
        behaviour = collection.version.behaviour
        is_user = collection.type is EntityType.USER
        method = behaviour.user_update if is_user else behaviour.group_update
        return "" if method == "auto" else method

    def _method(self, collection: Collection) -> str:
        """The operator's choice, else what the product is known to have."""
        if self._update_method != "auto":
            return self._update_method
        return self.fixed(collection) or "auto"


def announced(collection: Collection) -> bool | None:
    """`patch.supported` of the service provider's configuration; None when it does not say."""
    try:
        url = collection.endpoint.sibling(collection.version.behaviour.config_resource)
        config = collection.client.get(url)
    except ConnectorError:
        return None
    listed = config.get("Resources")  # some answer a list of one
    if isinstance(listed, list) and listed and isinstance(listed[0], dict):
        config = listed[0]
    patch = config.get("patch")
    supported = patch.get("supported") if isinstance(patch, dict) else None
    return None if supported is None else is_true(supported)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """From what the target accepted to what it shall hold; `secret` is a password or {}."""

    remote_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    secret: Mapping[str, str]


def write(collection: Collection, support: PatchSupport, rewrite: Rewrite) -> None:
    """Nothing is sent when nothing differs."""
    after = {**rewrite.after, **rewrite.secret}
    changes = collection.version.changes(collection.type, rewrite.before, after)
    if not changes:
        return
    if support.expected(collection):
        try:
            answered = collection.patch(rewrite.remote_id, changes)
        except ConnectorError as error:
            if not support.missing(collection, error):
                raise
        else:
            if not _ignored(collection.type, rewrite, answered):
                return
            if support.fixed(collection) == "patch":
                raise JobIsWrong(
                    f"{collection.endpoint.url} took the change and shows the old values"
                )
    _put(collection, rewrite)


def _ignored(entity_type: EntityType, rewrite: Rewrite, answered: Mapping[str, Any]) -> bool:
    """Whether a server says 200 and shows the old name or state, or what was taken away."""
    for key in (NAME_ATTRIBUTE[entity_type], "active"):
        before, after, shown = (d.get(key) for d in (rewrite.before, rewrite.after, answered))
        if None in (before, after, shown) or before == after:
            continue
        if (is_true(shown) if key == "active" else shown) == before:
            return True
    return any(
        _still_there(value, rewrite.after.get(key), answered.get(key))
        for key, value in rewrite.before.items()
    )


def _still_there(before: Any, after: Any, shown: Any) -> bool:
    """The attribute that shall go, or one of its values."""
    if after is None:
        return same(before, shown)
    gone = _values(before) - _values(after)
    return bool(gone & _values(shown))


def _values(attribute: Any) -> set[str]:
    entries = attribute if isinstance(attribute, list) else []
    return {str(one["value"]) for one in entries if isinstance(one, Mapping) and "value" in one}


def _put(collection: Collection, rewrite: Rewrite) -> None:
    """PUT replaces everything, so what others keep there (members too) is read first."""
    current = collection.read(rewrite.remote_id, members=True)
    if current is None:
        raise collection.missing(rewrite.remote_id)
    kept = {key: value for key, value in current.items() if key not in READ_ONLY}
    document = merged(kept, rewrite.before, rewrite.after)
    collection.replace(rewrite.remote_id, {**document, **rewrite.secret})


def merged(
    current: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """`current` with our attributes as in `after`; what only `before` had is gone."""
    result = {key: value for key, value in current.items() if key not in before or key in after}
    for key, value in after.items():
        if isinstance(value, Mapping):
            result[key] = merged(_mapping(current.get(key)), _mapping(before.get(key)), value)
        else:
            result[key] = value
    return result


def shared(current: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `current` that `after` speaks about; the rest is not ours to change."""
    result: dict[str, Any] = {}
    for key, value in after.items():
        if key in current:
            held = current[key]
            both = isinstance(value, Mapping) and isinstance(held, Mapping)
            result[key] = shared(held, value) if both else held
    return result


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def choice(value: Any) -> str:
    """The update method, checked."""
    method = str(value or "auto")
    if method not in ("auto", "put", "patch"):
        raise ConnectorIsWrong("Update method must be auto, put or patch")
    return method
