"""When a job is tried again, and until when."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from provisioning.models import Outcome
from provisioning.parcels import Report

BACK_OFF_FIRST = 1.0
BACK_OFF_LONGEST = 15 * 60.0


def give_up_at(report: Report, now: datetime) -> datetime:
    """A job that had to wait for its turn in a budget has all its hours from its first
    attempt on."""
    job = report.parcel.job
    if not job.metered or job.attempts > 1:
        return job.give_up_at
    hours = timedelta(hours=report.parcel.connector.retry_hours)
    return max(job.give_up_at, report.started + hours)


def again(report: Report, ends: datetime, now: datetime) -> dict[str, datetime]:
    """The columns of a job that is tried again, as far as they change."""
    told = {"not_before": next_try(report, now)}
    return told if ends == report.parcel.job.give_up_at else {**told, "give_up_at": ends}


def next_try(report: Report, now: datetime) -> datetime:
    """When to try again: as asked by the target, or exponential back-off with full jitter."""
    if report.outcome in (Outcome.CONNECTOR_WRONG, Outcome.OVER_BUDGET):
        return now  # quarantine decides, or the budget
    if report.retry_after is not None:
        return now + timedelta(seconds=report.retry_after)
    longest = min(
        BACK_OFF_FIRST * 2.0 ** min(report.parcel.job.attempts - 1, 20), BACK_OFF_LONGEST
    )
    return now + timedelta(seconds=random.uniform(0, longest))  # noqa: S311 jitter, no secret
