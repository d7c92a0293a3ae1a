"""When what an identity provider's connectors send may have changed."""

from __future__ import annotations

from django.db.models import F

from idp.models import IdentityProvider, OutboundConnector


def touch(provider: IdentityProvider) -> None:
    """Move the revision of all its connectors: waiting jobs are planned again.

    For whoever changed its claim mappings, role mappings, provisioning roles, claim
    dialect or what happens to unmapped roles.
    """
    OutboundConnector.objects.filter(provider=provider).update(revision=F("revision") + 1)
