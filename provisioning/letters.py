"""Dead letters: failed jobs, grouped by what they have in common. Reads only.

Costs as much as there are failed jobs, whatever else there is: one partial index holds
their tenant, signature, connector and position, and nothing but it is read to count them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_

from django.db.models import Count, Max, Min, Q, QuerySet

from idp.models import OutboundConnector, Tenant
from provisioning import advice
from provisioning.models import Job

SAMPLED = 200
"""Groups that are told with a sample: nobody reads more of them."""


@dataclass(frozen=True, slots=True)
class Group:
    """Failed jobs with one signature at one connector. `oldest` and `newest` are when the
    first and the last change of them came in; `sample` is the job of the newest."""

    connector: OutboundConnector
    signature: str
    count: int
    oldest: datetime
    newest: datetime
    sample: Job | None

    @property
    def reason(self) -> str:
        return self.sample.reason if self.sample else ""

    @property
    def advice(self) -> str:
        """What to do about it, in plain words."""
        job = self.sample
        if job is None:
            return ""
        return advice.for_failure(self.connector.type, job.reason_code, job.reason)


@dataclass(frozen=True, slots=True)
class _Counted:
    connector_id: uuid.UUID
    signature: str
    count: int
    first: int
    last: int


def groups(
    tenant: Tenant,
    *,
    connectors: Iterable[uuid.UUID] | None = None,
    signature: str | None = None,
) -> list[Group]:
    """The largest first; `SAMPLED` of them with their samples. Three queries."""
    failed = Job.objects.filter(tenant=tenant, is_failed=True)
    if connectors is not None:
        failed = failed.filter(connector_id__in=list(connectors))
    if signature is not None:
        failed = failed.filter(signature=signature)
    rows = (
        failed.order_by()
        .values_list("connector_id", "signature")
        .annotate(count=Count("*"), first=Min("position"), last=Max("position"))
    )
    counted = sorted((_Counted(*row) for row in rows), key=lambda one: (-one.count, -one.last))
    found = OutboundConnector.objects.select_related("provider").in_bulk(
        {one.connector_id for one in counted}
    )
    samples = _samples(tenant, counted[:SAMPLED])
    return [
        Group(
            connector=found[one.connector_id],
            signature=one.signature,
            count=one.count,
            oldest=_moment(one.first),
            newest=_moment(one.last),
            sample=samples.get((one.connector_id, one.last)),
        )
        for one in counted
    ]


def of_group(connector: OutboundConnector, signature: str) -> QuerySet[Job]:
    return Job.objects.filter(
        tenant=connector.provider.tenant_id,
        signature=signature,
        connector=connector,
        is_failed=True,
    )


def named(text: str) -> Q:
    """Jobs an operator means by a signature, or by a reason code for all that have it."""
    return Q(signature=text) | Q(reason_code=text)


def _samples(tenant: Tenant, counted: Sequence[_Counted]) -> dict[tuple[uuid.UUID, int], Job]:
    if not counted:
        return {}
    # One look-up by the index for each: of lists it would try every combination.
    newest = [
        Q(signature=one.signature, connector=one.connector_id, position=one.last)
        for one in counted
    ]
    jobs = Job.objects.filter(reduce(or_, newest), tenant=tenant, is_failed=True)
    jobs = jobs.defer("sealed_payload", "sealed_password")
    return {(job.connector_id, job.position): job for job in jobs}


def _moment(position: int) -> datetime:
    """A job's position is the clock in microseconds when it was queued."""
    return datetime.fromtimestamp(position / 1_000_000, UTC)
