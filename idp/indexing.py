"""Search rows for the values that people had before a claim was searchable."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from idp import bulk, local_claims
from idp.models import LocalClaim, SearchValue, User
from idp.search_values import search_rows

SETTLES = timedelta(minutes=1)
"""How long after a claim changed somebody may still write people as if it had not."""
PART = 500


def index_claims(now: datetime | None = None) -> int:
    """Index the claims that became searchable; returns how many. Done again, it is the same.

    Until then filters on them look at every user.
    """
    settled = (now or timezone.now()) - SETTLES
    waiting = LocalClaim.objects.filter(searchable=True, indexed=False, modified__lt=settled)
    claims = list(waiting.select_related("tenant"))
    for claim in claims:
        last: uuid.UUID | None = None
        while (part := _index_part(claim, last)) is not None:
            last = part
        local_claims.set_indexed(claim)
    return len(claims)


def _index_part(claim: LocalClaim, after: uuid.UUID | None) -> uuid.UUID | None:
    """Index the next users; the id of the last one, None when there were none.

    Their rows are locked, so that nobody writes another value meanwhile.
    """
    with transaction.atomic():
        users = User.objects.filter(tenant=claim.tenant).order_by("pk").select_for_update()
        part = list((users.filter(pk__gt=after) if after else users)[:PART])
        if not part:
            return None
        known = SearchValue.objects.filter(tenant=claim.tenant, path=claim.path)
        known.filter(user__in=[user.pk for user in part]).delete()
        bulk.insert([row for user in part for row in search_rows(user, [claim.path])])
        return part[-1].pk
