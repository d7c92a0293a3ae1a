"""Which connectors there are: ours by dotted path, others by entry point."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from connectors import declared
from connectors.base import Connector

BUILT_IN = {
    "google": "connectors.google.connector:GoogleConnector",
    "salesforce": "connectors.salesforce.connector:SalesforceConnector",
    "scim": "connectors.scim.v1:Scim1Connector",
    "scim2": "connectors.scim.v2:Scim2Connector",
    "spml": "connectors.spml.connector:SpmlConnector",
}
GROUP = "purveyor.connectors"


class UnknownConnector(LookupError):
    """No connector has this key; the message names those that are known."""


class BrokenConnector(LookupError):
    """A connector is installed and cannot be used; the others can. `__cause__` says why."""


def keys() -> list[str]:
    """Every key that can be asked for, sorted. Nothing is imported for it."""
    return sorted({*BUILT_IN, *(point.name for point in _plug_ins())})


@lru_cache(maxsize=64)
def load(key: str) -> type[Connector]:
    """The connector class for a key, imported on first use. Ours win over plug-ins.

    Raises `UnknownConnector` or `BrokenConnector`, both `LookupError`.
    """
    if path := BUILT_IN.get(key):
        return _loaded(key, lambda: _attribute(path))
    for point in _plug_ins():
        if point.name == key:
            return _loaded(key, point.load)
    raise UnknownConnector(f"there is no connector {key!r}: known are {', '.join(keys())}")


def _plug_ins() -> list[EntryPoint]:
    return list(entry_points(group=GROUP))


def _attribute(path: str) -> object:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def _loaded(key: str, load_it: Callable[[], object]) -> type[Connector]:
    try:
        found = load_it()
    except Exception as error:  # somebody else's module may raise anything
        raise BrokenConnector(f"connector {key!r} cannot be loaded: {error}") from error
    if not (isinstance(found, type) and issubclass(found, Connector)):
        raise BrokenConnector(f"connector {key!r} is no subclass of connectors.Connector")
    if problems := declared.problems(found.fields):
        raise BrokenConnector(f"connector {key!r} cannot be used: {'; '.join(problems)}")
    return found
