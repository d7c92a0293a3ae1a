"""Which connectors there are: ours by dotted path, others by entry point."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points

from connectors.base import Connector

BUILT_IN = {"scim2": "connectors.scim.v2:Scim2Connector"}
GROUP = "purveyor.connectors"


def keys() -> list[str]:
    return sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))})


@lru_cache(maxsize=64)
def load(key: str) -> type[Connector]:
    """The connector class for a key. Raises `LookupError` naming the known ones."""
    if path := BUILT_IN.get(key):
        module, _, name = path.partition(":")
        found: type[Connector] = getattr(import_module(module), name)
        return found
    for point in entry_points(group=GROUP, name=key):
        loaded: type[Connector] = point.load()
        return loaded
    raise LookupError(f"there is no connector {key!r}: known are {', '.join(keys())}")
