"""OAuth clients of service providers: made and given new secrets here."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import AccessToken

from serviceproviders.models import OAuthClient, ServiceProvider

PROVISIONING = "provisioning"


def create_client(
    service_provider: ServiceProvider, scopes: list[str] | None = None
) -> tuple[OAuthClient, str]:
    """A client and its secret in clear, which is not stored and cannot be shown again."""
    secret: str = generate_client_secret()
    client = OAuthClient(
        service_provider=service_provider,
        name=service_provider.name,
        client_id=generate_client_id(),
        client_secret=secret,
        client_type=OAuthClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=OAuthClient.GRANT_CLIENT_CREDENTIALS,
        scopes=[PROVISIONING] if scopes is None else scopes,
    )
    client.save()
    return client, secret


def rotate_secret(client: OAuthClient) -> str:
    """A new secret in clear; the old one stops working at once, tokens issued live on."""
    secret: str = generate_client_secret()
    client.client_secret = secret
    client.save(update_fields=["client_secret", "updated"])
    return secret


def live_tokens(service_provider: ServiceProvider) -> QuerySet[AccessToken]:
    """Access tokens that still work."""
    tokens: QuerySet[AccessToken] = AccessToken.objects.filter(
        application__service_provider=service_provider, expires__gt=timezone.now()
    )
    return tokens


def revoke_tokens(service_provider: ServiceProvider) -> int:
    """Every access token stops working at once; how many did."""
    _, deleted = live_tokens(service_provider).delete()
    return deleted.get(AccessToken._meta.label, 0)
