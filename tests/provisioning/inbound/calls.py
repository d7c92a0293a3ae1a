"""What every door test needs: credentials as headers."""

from __future__ import annotations

import base64

from serviceproviders.models import OAuthClient, ServiceProvider


def basic(name: str = "ops", password: str = "letmein-123") -> dict[str, str]:
    value = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {value}"}


def make_client(
    service_provider: ServiceProvider,
    *,
    client_id: str = "hr-portal",
    secret: str = "hr-secret-123",
    scopes: tuple[str, ...] = ("provisioning",),
) -> OAuthClient:
    return OAuthClient.objects.create(
        service_provider=service_provider,
        name=client_id,
        client_id=client_id,
        client_secret=secret,
        client_type="confidential",
        authorization_grant_type="client-credentials",
        scopes=list(scopes),
    )
