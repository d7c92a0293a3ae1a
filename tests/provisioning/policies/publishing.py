"""Publishing a document under a name, as an operator does."""

from __future__ import annotations

from idp.models import Tenant
from provisioning import policies
from provisioning.models import Policy


def publish(tenant: Tenant, document: str, name: str = "rules") -> Policy:
    """The document decides from now on, instead of what was published under the name."""
    found = Policy.objects.filter(tenant=tenant, name=name).first()
    row = found or Policy(tenant=tenant, name=name)
    policies.publish(row, policies.save_draft(row, document, actor="ops"), actor="ops")
    return row
