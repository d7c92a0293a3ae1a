"""Delivering at once, in the thread of a caller that waits for the outcome."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence

from django.utils import timezone

from connectors import Connector, ConnectorIsWrong
from idp.models import OutboundConnector
from provisioning import targets
from provisioning.delivery import loading
from provisioning.delivery.resolving import next_step
from provisioning.delivery.sending import broken, send
from provisioning.models import Job
from provisioning.outbox import claiming, settling
from provisioning.outbox.settling import Settled
from provisioning.parcels import Parcel, Report


def deliver(connector: OutboundConnector, jobs: Sequence[Job], seconds: float) -> list[Settled]:
    """Send leased jobs one after another, within so many seconds, and settle them."""
    parcels, reports = loading.load(connector, jobs)
    ends = time.monotonic() + seconds
    try:
        sender = targets.open_connector(connector, lambda: ends - time.monotonic())
    except ConnectorIsWrong as error:
        reports += [broken(parcel, error) for parcel in parcels]
    else:
        with sender.http:
            reports += [attempt(parcel, sender) for parcel in parcels]
    return settling.settle(connector, reports)


def attempt(parcel: Parcel, connector: Connector) -> Report:
    """One attempt with the steps that follow from what is found at the target."""
    step: Parcel | Report = parcel
    for _ in range(3):
        if isinstance(step, Report):
            return step
        step = next_step(send(step, connector))
    return step if isinstance(step, Report) else send(step, connector)


def deliver_entity(
    connector: OutboundConnector,
    entity_id: uuid.UUID,
    job_id: uuid.UUID,
    left: Callable[[], float],
) -> Settled | None:
    """Deliver one blocking job, earlier due jobs of its entity first, while time is left.

    None when it cannot go now: the connector may not send, or an earlier job is not due
    or with another worker.
    """
    while left() > 0:
        if not claiming.sendable(timezone.now()).filter(pk=connector.pk).exists():
            return None
        claimed = claiming.claim(connector, 1, entity_id=entity_id, early=job_id)
        if not claimed.jobs:
            return None
        seconds = min(left(), claiming.LEASE.total_seconds())
        settled = deliver(connector, claimed.jobs, seconds)
        for one in settled:
            if one.job.pk == job_id:
                return one
    return None
