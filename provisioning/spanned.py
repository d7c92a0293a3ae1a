"""What the steps of a change tell as spans: ids, outcomes and names of things, as the log does.

No names of people, no values and no texts of targets (see `provisioning.logbook`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from connectors import spans
from connectors.spans import Attributes, Span
from provisioning.changes import Accepted, Change, Refused
from provisioning.models import Outcome
from provisioning.parcels import Parcel, Report

WELL = {
    Outcome.DONE,
    Outcome.CONFIRMED,
    Outcome.ADOPTED,
    Outcome.HELD,
    Outcome.DRY_RUN,
    Outcome.NOT_WANTED,
}
"""Outcomes that are no errors; what is held waits on purpose."""


def accepting(change: Change) -> AbstractContextManager[Span]:
    if not spans.recording():
        return spans.span("intake.accept")
    return spans.span(
        "intake.accept",
        attributes={
            **_of_door(change),
            "purveyor.change.id": str(change.id),
            "purveyor.action": str(change.action),
            "purveyor.entity.type": str(change.entity_type),
        },
    )


def accepted(span: Span, told: Accepted) -> None:
    if span:
        span.add(
            {
                "purveyor.entity.id": str(told.entity_id),
                "purveyor.changed": told.changed,
                "purveyor.jobs": sum(outcome.job_id is not None for outcome in told.outcomes),
            }
        )


def accepting_together(changes: Sequence[Change]) -> AbstractContextManager[Span]:
    if not spans.recording():
        return spans.span("intake.accept_all")
    attributes: Attributes = {**_of_door(changes[0]), "purveyor.changes": len(changes)}
    return spans.span("intake.accept_all", attributes=attributes)


def accepted_together(span: Span, answers: Sequence[Accepted | Refused]) -> None:
    if span:
        refused = sum(isinstance(answer, Refused) for answer in answers)
        span.add({"purveyor.refused": refused})


def planning() -> AbstractContextManager[Span]:
    return spans.span("planning.plan")


def delivering(parcel: Parcel) -> AbstractContextManager[Span]:
    """A consumer of the messaging conventions: the job is the message, and what it carries
    are the changes it is linked to."""
    if not spans.recording():
        return spans.span("deliver")
    job, connector = parcel.job, parcel.connector
    destination = f"{connector.provider.name}/{connector.type}"
    return spans.span(
        f"deliver {destination}",
        "consumer",
        {
            "messaging.system": "purveyor",
            "messaging.operation.name": "deliver",
            "messaging.operation.type": "process",
            "messaging.destination.name": destination,
            "messaging.message.id": str(job.pk),
            "purveyor.job.id": str(job.pk),
            "purveyor.change.id": str(job.change_id),
            "purveyor.identity_provider": connector.provider.name,
            "purveyor.connector": connector.type,
            "purveyor.operation": str(job.operation),
            "purveyor.entity.type": str(job.entity_type),
            "purveyor.entity.id": str(job.entity_id),
            "purveyor.attempt": job.attempts,
        },
        parcel.causes,
    )


def delivered(span: Span, report: Report) -> None:
    if not span:
        return
    span.add({"purveyor.outcome": report.outcome.value})
    if report.code:
        span.add({"purveyor.reason_code": report.code})
    if report.outcome not in WELL:
        span.fail(report.code or report.outcome.value)


def _of_door(change: Change) -> dict[str, str]:
    return {"purveyor.tenant": change.tenant.domain, "purveyor.door": str(change.door)}
