"""When what an identity provider's connectors send may have changed."""

from __future__ import annotations

from django.db.models import F, QuerySet

from idp.models import IdentityProvider, OutboundConnector, Tenant


def touch(provider: IdentityProvider) -> None:
    """Move the revision of all its connectors: waiting jobs are planned again.

    For whoever changed its claim mappings, role mappings, provisioning roles, claim
    dialect or what happens to unmapped roles.
    """
    move(OutboundConnector.objects.filter(provider=provider))


def touch_all(tenant: Tenant) -> None:
    """The same for every connector of the tenant: there is a claim more, or one less."""
    move(OutboundConnector.objects.filter(provider__tenant=tenant))


def move(connectors: QuerySet[OutboundConnector]) -> None:
    """The same for these connectors: they, or the policies that are asked, have changed."""
    connectors.update(revision=F("revision") + 1)
