"""Plain functions that make what a test needs."""

from __future__ import annotations

from typing import Any

from idp import local_claims
from idp.models import IdentityProvider, LocalClaim, Operator, OutboundConnector, Tenant
from serviceproviders.models import OutboundTarget, ServiceProvider


def make_operator(
    tenant: Tenant, name: str = "ops", password: str = "letmein-123", **fields: Any
) -> Operator:
    fields.setdefault("role", "administrator")
    fields.setdefault("use_doors", True)
    return Operator.objects.create_operator(tenant, name, password, **fields)


def make_connector(
    tenant: Tenant,
    settings: dict[str, Any],
    *,
    name: str = "partner",
    type: str = "scim2",
    **fields: Any,
) -> OutboundConnector:
    provider, _ = IdentityProvider.objects.get_or_create(tenant=tenant, name=name)
    connector = OutboundConnector(provider=provider, type=type, **fields)
    connector.settings = settings
    connector.save()
    return connector


def make_claim(tenant: Tenant, name: str = "badge", **fields: Any) -> LocalClaim:
    """A claim of the tenant's own, at that name in the custom schema."""
    values = {
        "uri": f"http://wso2.org/claims/{name}",
        "display_name": name.capitalize(),
        "path": f"urn:purveyor:custom:User:{name}",
    }
    claim = LocalClaim(tenant=tenant, **{**values, **fields})
    local_claims.save(claim)
    return claim


def send_to(
    service_provider: ServiceProvider, connector: OutboundConnector, **flags: Any
) -> OutboundTarget:
    """The outbound row that sends this service provider's users to the connector."""
    return OutboundTarget.objects.create(
        service_provider=service_provider,
        provider=connector.provider,
        connector=connector,
        **flags,
    )
