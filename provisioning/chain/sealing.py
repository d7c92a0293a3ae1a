"""Giving new events their numbers and seals, in the background."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from idp import bulk_update
from idp.models import Tenant
from provisioning.chain import ends, seals
from provisioning.models import AuditChain, AuditEvent

BATCH = 1_000


def seal_new() -> bool:
    """Seal up to a batch of each tenant's new events; True when there are more."""
    new = AuditEvent.objects.filter(tenant=OuterRef("pk"), sequence=None)
    tenants = Tenant.objects.filter(Exists(new)).values_list("pk", flat=True)
    parts = [seal_some(tenant) for tenant in tenants]
    return BATCH in parts


def seal_some(tenant: uuid.UUID) -> int:
    """Seal a tenant's oldest new events; returns how many.

    None behind an end that is not ours: our signature would make a forgery good. They wait
    until somebody has looked (`accepting`).
    """
    AuditChain.objects.get_or_create(tenant_id=tenant)
    with transaction.atomic():
        chain = AuditChain.objects.select_for_update().get(pk=tenant)
        if ends.objection(chain):
            return 0
        new = AuditEvent.objects.filter(tenant_id=tenant, sequence=None)
        events = list(new.order_by("id")[:BATCH])
        if not events:
            return 0
        number, seal = chain.head, bytes(chain.head_seal)
        for event in events:
            number += 1
            seal = seals.seal_of(event, number, seal)
            event.sequence, event.seal = number, seal
        bulk_update.update(events, ("sequence", "seal"))
        chain.head, chain.head_seal, chain.head_at = number, seal, timezone.now()
        seals.sign_head(chain)
        chain.save()
    return len(events)


def sign_again() -> int:
    """Sign with the first key what was signed with another; returns how many ends were not
    good and are left as they are."""
    left = 0
    for tenant in AuditChain.objects.values_list("pk", flat=True):
        with transaction.atomic():
            chain = AuditChain.objects.select_for_update().get(pk=tenant)
            if seals.objection(chain):
                left += 1
                continue
            if chain.start:
                seals.sign_start(chain)
            if chain.head:
                seals.sign_head(chain)
            chain.save()
    return left
