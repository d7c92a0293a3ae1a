"""Taking from a budget when jobs are claimed, and giving back what was not needed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from idp.models import OutboundConnector
from provisioning.budgets.force import has_limits
from provisioning.budgets.purse import CREDIT, Purse, fresh
from provisioning.budgets.waiting import row_of
from provisioning.models import ConnectorBudget, Job


class Allowance:
    """What one claim may take; made, used and stored in the claim's transaction.

    `again`: when there will be more, if the budget is why jobs were left.
    """

    def __init__(self, purse: Purse | None, wanted: int, *, urgent: bool = False) -> None:
        self._purse = purse
        self._wanted = wanted
        self.jobs = purse.jobs(wanted, urgent=urgent) if purse else wanted
        self.again: datetime | None = None
        self.prepaid = 0.0

    def take(self, jobs: list[Job]) -> None:
        """Pay for the jobs that were claimed."""
        if self._purse is None:
            return
        self.prepaid = self._purse.take(len(jobs))
        for job in jobs:
            job.metered, job.prepaid = True, self.prepaid
        store(self._purse)
        if self.jobs < self._wanted:
            self.again = self._purse.row.next_at


def allowed(
    connector: OutboundConnector, stored: OutboundConnector, jobs: int, *, urgent: bool
) -> Allowance:
    """`stored` is the connector as its lock found it, with its budget. For one without
    limits that is all there is to it."""
    zone = connector.provider.tenant.time_zone
    if row_of(stored) is None and not has_limits(stored):
        return Allowance(None, jobs)
    now = timezone.now()
    # Read anew: what came with the connector is older than its lock.
    row = locked(connector) or made(stored, zone, now)
    return Allowance(Purse(stored, row, zone, now), jobs, urgent=urgent)


def give_back(connector: OutboundConnector, requests: float) -> None:
    """What jobs got that were never begun."""
    with transaction.atomic():
        row = locked(connector)
        if row is not None:
            zone = connector.provider.tenant.time_zone
            purse = Purse(row.connector, row, zone, timezone.now())
            purse.spend(-requests)
            store(purse)


def locked(connector: OutboundConnector) -> ConnectorBudget | None:
    """With the connector as it is stored by now."""
    rows = ConnectorBudget.objects.select_related("connector").filter(pk=connector.pk)
    return rows.select_for_update(of=("self",)).first()


def made(connector: OutboundConnector, zone: str, now: datetime) -> ConnectorBudget:
    """The row of a connector that had none; somebody else's, if they were faster."""
    row = fresh(connector, zone, now)
    ConnectorBudget.objects.bulk_create([row], ignore_conflicts=True)
    return locked(connector) or row


def store(purse: Purse) -> None:
    purse.row.next_at = purse.next_at()
    purse.row.save()


def most_requests(job: Job) -> int | None:
    """How many requests an attempt at the job may make; None: any number."""
    return int(job.prepaid) + CREDIT if job.metered else None
