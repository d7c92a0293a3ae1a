"""The claims that a setting of a connector may name: those the connector will be given."""

from __future__ import annotations

from idp.local_claims import table_of
from idp.models import IdentityProvider
from idp.models.provider import ClaimDialect


def mapped_at(provider: IdentityProvider) -> list[str]:
    """The remote names in the claim mapping, where the provider has a dialect of its own."""
    if provider.claim_dialect != ClaimDialect.CUSTOM:
        return []
    return sorted({*provider.claim_mappings.values_list("remote", flat=True)})


def local_at(provider: IdentityProvider) -> list[tuple[str, str]]:
    """(URI, name) of the tenant's local claims."""
    entries = table_of(provider.tenant).entries
    return sorted((entry.uri, entry.display_name) for entry in entries)


def names_at(provider: IdentityProvider) -> set[str]:
    return {*mapped_at(provider), *(uri for uri, _ in local_at(provider))}
