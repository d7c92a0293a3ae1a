"""Whether the audit trails still end where we left them."""

from __future__ import annotations

from idp.models import Tenant
from provisioning import alarms
from provisioning.chain import ends
from provisioning.models import AuditChain, Cause, Notification
from provisioning.notifications import raise_alarms, resolve


def look_at_trails() -> None:
    """The whole of them is read by `verify_audit` only; the ends are where sealing stops."""
    chains = AuditChain.objects.in_bulk()
    found = []
    for tenant in Tenant.objects.order_by("pk"):
        chain = chains.get(tenant.pk) or AuditChain(tenant=tenant)
        if problem := ends.objection(chain):
            found.append(alarms.audit_trail(tenant, problem))
    keys = {alarm.key for alarm in found}
    resolve(Notification.objects.filter(cause=Cause.AUDIT).exclude(key__in=keys))
    raise_alarms(found)
