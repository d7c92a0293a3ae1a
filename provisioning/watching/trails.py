"""Whether the audit trails still end where we left them."""

from __future__ import annotations

import logging

from idp.models import Tenant
from provisioning import alarms
from provisioning.chain import ends
from provisioning.models import AuditChain, Cause, Notification
from provisioning.notifications import raise_alarms, resolve

log = logging.getLogger(__name__)


def look_at_trails() -> None:
    """The whole of them is read by `verify_audit` only; the ends are where sealing stops."""
    chains = AuditChain.objects.in_bulk()
    told = Notification.objects.filter(cause=Cause.AUDIT, resolved=None)
    known = set(told.values_list("key", flat=True))
    found = []
    for tenant in Tenant.objects.order_by("pk"):
        chain = chains.get(tenant.pk) or AuditChain(tenant=tenant)
        if problem := ends.objection(chain):
            alarm = alarms.audit_trail(tenant, problem)
            found.append(alarm)
            if alarm.key not in known:
                extra = {"tenant": tenant, "why": problem}
                log.error("the audit trail is not sealed any more", extra=extra)
    resolve(told.exclude(key__in={alarm.key for alarm in found}))
    raise_alarms(found)
