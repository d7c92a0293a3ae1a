"""Pruning the audit trail from its beginning; what is left still verifies."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from provisioning.chain import ends, seals
from provisioning.models import AuditChain, AuditEvent

BATCH = 1_000


class Broken(Exception):
    """What would be forgotten is not what was sealed: it is kept, as evidence."""


def through(tenant: uuid.UUID, before: datetime) -> int:
    """The last number that may go: everything up to it is older."""
    sealed = AuditEvent.objects.filter(tenant_id=tenant, sequence__isnull=False)
    kept = sealed.filter(at__gte=before).order_by("sequence").values_list("sequence", flat=True)
    chain = AuditChain.objects.filter(pk=tenant).first()
    if chain is None:
        return 0
    first_kept = kept.filter(sequence__gt=chain.start).first()
    return chain.head if first_kept is None else (first_kept or 1) - 1


def forget(tenant: uuid.UUID, before: datetime) -> Iterator[int]:
    """Delete sealed events that are older, in batches; yields how many are gone after each.

    May be stopped at any time: with each batch the signed checkpoint moves. Raises `Broken`
    and deletes nothing of a batch that does not verify.
    """
    gone, last = 0, through(tenant, before)
    while many := _forget_some(tenant, last):
        gone += many
        yield gone


def _forget_some(tenant: uuid.UUID, last: int) -> int:
    with transaction.atomic():
        chain = AuditChain.objects.select_for_update().filter(pk=tenant).first()
        if chain is None or chain.start >= last:
            return 0
        if objection := ends.objection(chain):
            raise Broken(objection)
        upto = min(last, chain.start + BATCH)
        old = AuditEvent.objects.filter(tenant_id=tenant, sequence__lte=upto)
        events = list(old.filter(sequence__gt=chain.start).order_by("sequence"))
        seal = bytes(chain.start_seal)
        for number, event in enumerate(events, chain.start + 1):
            seal = seals.seal_of(event, number, seal)
            if event.sequence != number or bytes(event.seal or b"") != seal:
                raise Broken(f"event {number} is not what was sealed, or is missing")
        if len(events) != upto - chain.start:
            raise Broken(f"event {chain.start + len(events) + 1} is missing")
        AuditEvent.objects.filter(pk__in=[event.pk for event in events]).delete()
        chain.start, chain.start_seal, chain.start_at = upto, seal, timezone.now()
        seals.sign_start(chain)
        chain.save()
    return len(events)
