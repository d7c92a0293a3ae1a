"""Forgetting what is over: jobs that ended long ago with their attempts, the beginning of
the audit trail, expired tokens."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from datetime import timedelta
from itertools import islice

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from oauth2_provider.models import clear_expired

from connectors import EntityType
from idp.models import Tenant
from provisioning import audit
from provisioning.chain import forgetting
from provisioning.chain.forgetting import Broken
from provisioning.models import SKIPPED, Job, State

log = logging.getLogger(__name__)

BATCH = 500
AT_ONCE = 10
"""Batches in one go of the tick."""
FORGOTTEN = [State.DONE, State.SUPERSEDED, State.CANCELLED]


def finished_before(days: int) -> QuerySet[Job]:
    """Jobs that ended so long ago; open and failed ones are never among them.

    Nor is one that is newer than a failed job of its entity: it tells that retrying that
    one would undo something. Nor what was skipped and goes with the entity's next job.
    """
    awaited = Q(reason_code=SKIPPED, state=State.CANCELLED) & (
        Q(maybe_sent=True) | Q(entity_type=EntityType.GROUP)
    )
    older_failed = Job.objects.filter(
        connector=OuterRef("connector"),
        entity_id=OuterRef("entity_id"),
        position__lt=OuterRef("position"),
        state=State.FAILED,
    )
    old = Job.objects.filter(
        state__in=FORGOTTEN, finished__lt=timezone.now() - timedelta(days=days)
    )
    return old.filter(~awaited, ~Exists(older_failed))


def prune(days: int) -> Iterator[int]:
    """Delete them in batches; yields how many are gone after each."""
    gone = 0
    while batch := list(
        finished_before(days).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        Job.objects.filter(pk__in=batch).delete()
        gone += len(batch)
        yield gone


def prune_audit(tenant: Tenant, days: int, actor: str) -> Generator[int, None, None]:
    """Delete a tenant's sealed events of so long ago; yields how many are gone so far.

    That it was done is an event itself. Raises `Broken` where they are not what was sealed.
    """
    gone = 0
    before = timezone.now() - timedelta(days=days)
    try:
        for gone in forgetting.forget(tenant.pk, before):
            yield gone
    finally:
        if gone:
            audit.record(
                tenant=tenant,
                actor=actor,
                action="audit.prune",
                subject_type="tenant",
                subject_id=tenant.pk,
                subject_name=tenant.domain,
                detail={"events": gone, "before": before.isoformat()},
            )


def forget_some() -> bool:
    """What the settings let go, a part of it; True when there is more."""
    more = False
    if days := settings.PURVEYOR_KEEP_JOBS_DAYS:
        more = len(list(islice(prune(days), AT_ONCE))) == AT_ONCE
    if days := settings.PURVEYOR_KEEP_AUDIT_DAYS:
        for tenant in Tenant.objects.all():
            more |= _forget_events(tenant, days)
    forget_tokens()
    return more


def _forget_events(tenant: Tenant, days: int) -> bool:
    part = prune_audit(tenant, days, "housekeeping")
    try:
        return len(list(islice(part, AT_ONCE))) == AT_ONCE
    except Broken as error:
        log.error("the audit trail is not pruned", extra={"tenant": tenant, "why": str(error)})
        return False
    finally:
        part.close()


def forget_tokens() -> None:
    """Delete access tokens that have expired."""
    clear_expired()
