"""Whether a chain still begins and ends where we left it; a few index look-ups."""

from __future__ import annotations

from provisioning.chain import seals
from provisioning.models import AuditChain, AuditEvent


def objection(chain: AuditChain) -> str:
    """Why nothing may be sealed behind its end; empty when it is as we left it."""
    return seals.objection(chain) or beyond(chain)


def beyond(chain: AuditChain) -> str:
    """What bears a number after the signed end was not sealed by us."""
    newest = newest_number(chain)
    head = AuditChain.objects.filter(pk=chain.pk).values_list("head", flat=True).first() or 0
    if newest <= head:
        return ""
    if not head:
        return "events have seals, and the chain they belong to is gone"
    return f"event {head + 1} stands beyond the end of the chain"


def newest_number(chain: AuditChain) -> int:
    numbered = AuditEvent.objects.filter(tenant=chain.tenant_id, sequence__isnull=False)
    newest = numbered.order_by("-sequence").values_list("sequence", flat=True).first()
    return newest or 0
