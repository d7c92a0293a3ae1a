"""Somebody has looked at a trail that does not verify: it goes on, and says so itself."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from idp.models import Tenant
from provisioning import audit
from provisioning.chain import ends, seals
from provisioning.models import AuditChain, AuditEvent


def accept(tenant: Tenant, problem: str, *, actor: str) -> int:
    """Begin a chain anew behind what is there, with an event that tells why; returns the
    number it begins after.

    What is there is left as it is, and outside of the chain: nobody can show any more that
    it is what was sealed, and it is never pruned.
    """
    AuditChain.objects.get_or_create(tenant=tenant)
    with transaction.atomic():
        chain = AuditChain.objects.select_for_update().get(pk=tenant.pk)
        last = max(ends.newest_number(chain), chain.head)
        event = AuditEvent.objects.filter(tenant=tenant, sequence=last).first()
        chain.start = chain.head = last
        chain.start_seal = chain.head_seal = bytes(event.seal or b"") if event else b""
        chain.start_at = chain.head_at = timezone.now()
        seals.sign_start(chain)
        seals.sign_head(chain)
        chain.save()
        audit.record(
            tenant=tenant,
            actor=actor,
            action="audit.accept",
            subject_type="tenant",
            subject_id=tenant.pk,
            subject_name=tenant.domain,
            detail={"problem": problem, "after": last},
        )
    return last
