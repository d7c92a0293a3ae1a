"""Reads: which service provider, and which OAuth client, is asking."""

from __future__ import annotations

import hashlib

from django.db.models import CharField
from oauth2_provider.models import AccessToken

from idp.models import Tenant
from idp.prepared import Parameter, Prepared
from serviceproviders.models import RESIDENT, OAuthClient, ServiceProvider


def tenant_of(domain: str) -> Tenant | None:
    return None if "\0" in domain else Tenant.objects.filter(domain=domain).first()


def resident_in(domain: str) -> ServiceProvider | None:
    """The resident service provider of the tenant of that domain, if there is such a tenant."""
    if "\0" in domain:
        return None
    return (
        ServiceProvider.objects.select_related("tenant", "user_store")
        .filter(tenant__domain=domain, name=RESIDENT)
        .first()
    )


def client_of(client_id: str) -> OAuthClient | None:
    """The OAuth client, unless its service provider is retired."""
    if "\0" in client_id:
        return None
    found: OAuthClient | None = (
        OAuthClient.objects.select_related(
            "service_provider__tenant", "service_provider__user_store"
        )
        .filter(client_id=client_id, service_provider__retired_at=None)
        .first()
    )
    return found


_TOKEN: Prepared[AccessToken] = Prepared(
    lambda: AccessToken.objects.select_related(
        "application__service_provider__tenant", "application__service_provider__user_store"
    ).filter(token_checksum=Parameter("checksum", CharField()), application__isnull=False)
)


def token_of(token: str) -> AccessToken | None:
    """The access token as it was issued, valid or not; only its checksum is stored."""
    return _TOKEN.first(checksum=hashlib.sha256(token.encode()).hexdigest())
