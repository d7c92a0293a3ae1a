"""The kinds of connectors an identity provider may still get."""

from __future__ import annotations

from contextlib import suppress

from connectors import registry
from idp.models import IdentityProvider


def types_left(provider: IdentityProvider) -> list[str]:
    taken = set(provider.connectors.values_list("type", flat=True))
    known = registry.keys()
    return [key for key in known if key not in taken]


def labels(keys: list[str]) -> list[tuple[str, str]]:
    """(key, label); what is installed and cannot be loaded is left out."""
    found = []
    for key in keys:
        with suppress(LookupError):
            found.append((key, registry.load(key).label))
    return found
