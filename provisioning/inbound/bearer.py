"""OAuth 2.0 Bearer tokens (RFC 6750) of a service provider's client."""

from __future__ import annotations

from provisioning.inbound.refusals import Unauthenticated
from serviceproviders.models import OAuthClient
from serviceproviders.queries import token_of

INVALID = "The access token is unknown, expired or revoked, or belongs to another tenant."


def client_of_token(token: str, domain: str) -> tuple[OAuthClient, frozenset[str]]:
    """The client a token was issued to, and the token's scopes.

    Scopes taken from the client since the token was issued no longer count. Raises
    `Unauthenticated` for a token that does not hold in the tenant.
    """
    found = token_of(token) if token else None
    if found is None or found.is_expired():
        raise Unauthenticated(INVALID, domain, token=True)
    client: OAuthClient = found.application
    service_provider = client.service_provider
    if service_provider.tenant.domain != domain or service_provider.retired_at is not None:
        raise Unauthenticated(INVALID, domain, token=True)
    return client, frozenset(found.scope.split()) & frozenset(client.scopes)
