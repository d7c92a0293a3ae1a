"""The story of one job: what caused it, what happened, what differs, and what comes next."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from idp import maintenance, secrets
from idp.models import Mode, Tenant, User
from provisioning import advice, conflicts, details, edits, mapping, operations, queries
from provisioning.edits import Edit
from provisioning.models import (
    GUARD,
    REHEARSED,
    SKIPPED,
    Attempt,
    AuditEvent,
    Job,
    MemberChange,
    PassingEntity,
    ProvisionedEntity,
    State,
)

ACTS = {
    "job.retry": "Retried",
    "job.edit": "Edited",
    "job.skip": "Skipped",
    "job.hold": "Held",
    "job.release": "Released",
    "job.reject": "Rejected",
    "link.adopt": "Linked by hand",
}
"""What somebody may do to a job, by the action in the audit trail."""

ATTEMPTS = 50
MEMBERS = 100


@dataclass(frozen=True, slots=True)
class Step:
    """An attempt, or what somebody did to the job; and the seconds since what was before."""

    at: datetime
    attempt: Attempt | None
    act: AuditEvent | None
    waited: float = 0.0

    @property
    def words(self) -> str:
        return ACTS.get(self.act.action, self.act.action) if self.act else ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute: as the target last accepted it, and as the job wants it."""

    path: str
    old: Any
    new: Any

    @property
    def differs(self) -> bool:
        return bool(self.old != self.new)


@dataclass(frozen=True, slots=True)
class Members:
    """A group job's change-set: so many of each, with the names of some."""

    joins: Sequence[str] = ()
    leaves: Sequence[str] = ()
    joining: int = 0
    leaving: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    job: Job
    steps: Sequence[Step]
    earlier: int
    """Attempts before these, which are not told one by one."""
    last: int
    """The number of the last attempt; 0 before the first."""
    cause: AuditEvent | None
    link: ProvisionedEntity | None
    entity_url: str
    payload: Any
    differences: Sequence[Difference]
    edits: Sequence[Edit]
    members: Members
    next: str
    advice: str
    conflict: conflicts.Conflict | None

    @property
    def seconds(self) -> float | None:
        """From when it came in to its end; None while it is not over."""
        ended = self.job.finished
        return (ended - self.job.created).total_seconds() if ended else None


def of(job: Job) -> Story:
    link = ProvisionedEntity.objects.filter(
        connector=job.connector_id, entity_type=job.entity_type, entity_id=job.entity_id
    ).first()
    payload = _opened(job)
    changes = edits.carried(payload) if job.edited and payload else ()
    if changes:
        # They are laid over it when it is planned again, which may be still to come.
        payload = edits.onto(payload, changes, mapping.dialect_of(job.connector))
    steps = _steps(job)
    tried = [step.attempt.number for step in steps if step.attempt]
    failed = job.state == State.FAILED
    return Story(
        job=job,
        steps=steps,
        earlier=max(0, tried[0] - 1) if tried else 0,
        last=tried[-1] if tried else 0,
        cause=_cause(job),
        link=link,
        entity_url=details.entity_url(job.tenant, job.entity_type, job.entity_id),
        payload={key: told for key, told in (payload or {}).items() if key != edits.EDITS},
        differences=_differences(job, link, payload),
        edits=changes,
        members=_members(job),
        next=_next(job),
        advice=advice.for_failure(job.connector.type, job.reason_code, job.reason)
        if failed
        else "",
        conflict=conflicts.of(job),
    )


def _opened(job: Job) -> Any:
    """The payload in clear (a password is never part of it); None when no key opens it."""
    try:
        return job.payload
    except secrets.CannotOpen:
        return None


def _steps(job: Job) -> list[Step]:
    """Attempts and what was done to it, in the order in which it happened."""
    newest = list(Attempt.objects.filter(job=job)[:ATTEMPTS])
    acts = AuditEvent.objects.filter(
        tenant=job.tenant,
        subject_id=str(job.entity_id),
        change_id=job.change_id,
        action__in=ACTS,
    )
    newest_acts = acts.order_by("-id")[:ATTEMPTS]
    mine = [act for act in newest_acts if act.detail.get("job") == str(job.pk)]
    steps = [Step(attempt.started, attempt, None) for attempt in newest]
    steps += [Step(act.at, None, act) for act in mine]
    told, before = [], job.created
    for step in sorted(steps, key=lambda step: step.at):
        told.append(replace(step, waited=max(0.0, (step.at - before).total_seconds())))
        before = step.at
        if step.attempt is not None:
            before += timedelta(milliseconds=step.attempt.duration_ms)
    return told


def _cause(job: Job) -> AuditEvent | None:
    """The event of the change that led to it; it is found among the entity's."""
    events = AuditEvent.objects.filter(
        tenant=job.tenant, subject_id=str(job.entity_id), change_id=job.change_id
    )
    return events.order_by("id").first()


def _differences(job: Job, link: ProvisionedEntity | None, payload: Any) -> list[Difference]:
    """None for what is over: what the target accepted meanwhile says nothing about then."""
    over = job.state in (State.DONE, State.SUPERSEDED, State.CANCELLED)
    if over or not payload or not payload.get("attributes"):
        return []
    try:
        accepted = (link.accepted if link else None) or {}
    except secrets.CannotOpen:
        return []
    rows = edits.compared({"attributes": accepted}, payload, mapping.dialect_of(job.connector))
    return [Difference(*row) for row in rows]


def _members(job: Job) -> Members:
    if job.entity_type != "group":
        return Members()
    rows = MemberChange.objects.filter(job=job)
    counts = dict(rows.order_by().values_list("wanted").annotate(n=Count("*")))
    some = list(rows[:MEMBERS])
    names = _names_of(job.tenant, [change.member_id for change in some])
    told = [(names.get(c.member_id, str(c.member_id)), c.wanted) for c in some]
    return Members(
        joins=[name for name, wanted in told if wanted],
        leaves=[name for name, wanted in told if not wanted],
        joining=counts.get(True, 0),
        leaving=counts.get(False, 0),
    )


def _names_of(tenant: Tenant, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What users are called, stored or passing through."""
    stored = User.objects.filter(tenant=tenant, pk__in=ids).values_list("pk", "username")
    passing = PassingEntity.objects.filter(tenant=tenant, pk__in=ids)
    return dict(stored) | dict(passing.values_list("pk", "name"))


def _next(job: Job) -> str:
    """What will happen without anybody doing anything."""
    match job.state:
        case State.PENDING:
            return _when_sent(job)
        case State.RUNNING:
            return (
                "A worker is sending it. If that worker dies, another takes over at "
                f"{_clock(job.lease_until)}."
            )
        case State.HELD if job.reason_code == REHEARSED:
            return _once_active(job)
        case State.HELD:
            return f"It waits until somebody decides.{_expiry(job)}"
        case State.FAILED:
            return _after_failing(job)
    return OVER.get(job.reason_code, "Nothing: it is over.")


OVER = {
    SKIPPED: "Nothing. The next change here is a new job, and carries everything.",
    "rejected": "Nothing. The next change here is a new job, and carries everything.",
    "overtaken": "Nothing: a newer change was delivered, and carried everything.",
    "superseded": "Nothing: a newer change carries everything.",
}

STOPS = {
    "paused": "The connector is paused: it is sent once that is resumed.",
    "dry_run": "The connector is in dry run: it is rehearsed, and not sent.",
    "quarantined": "The connector is in quarantine: it is sent once that is well again.",
    "disabled": "The connector is disabled: it is sent once that is enabled.",
}


def _when_sent(job: Job) -> str:
    state = queries.state_of(job.connector)
    gives_up = f"It is given up at {_clock(job.give_up_at)} if the target does not answer."
    if state in STOPS:
        return f"{STOPS[state]} {gives_up}"
    if closed := maintenance.in_words(job.connector, timezone.now()):
        return f"The target is in {closed}: it is sent then. {gives_up}"
    before = Job.objects.filter(
        connector=job.connector_id,
        entity_id=job.entity_id,
        is_open=True,
        position__lt=job.position,
    )
    if before.exists():
        return f"It waits for an earlier job of the same {job.entity_type}."
    if job.not_before > timezone.now():
        return f"Next attempt at {_clock(job.not_before)}. {gives_up}"
    return f"{queries.what_is_due_waits_for(job.connector)} {gives_up}"


def _once_active(job: Job) -> str:
    if queries.state_of(job.connector) == Mode.ACTIVE:
        return "The dry run is over: it is planned anew and sent as soon as a worker looks."
    return (
        "It was rehearsed, and nothing was sent. Once the connector is active it is planned "
        "anew and sent; nobody has to decide anything."
    )


def _expiry(job: Job) -> str:
    hours = job.connector.guard_expire_hours
    if job.reason_code != GUARD or not hours:
        return ""
    ends = job.updated + timedelta(hours=hours)
    return f" At {_clock(ends)} it is rejected."


def _after_failing(job: Job) -> str:
    if operations.retryable(Job.objects.filter(pk=job.pk)).exists():
        return (
            "Nothing by itself. A retry plans it anew with today's settings; the next change "
            f"of this {job.entity_type} sends everything as well."
        )
    return (
        f"Nothing: something newer of this {job.entity_type} is done or on its way. A retry "
        "would undo it, so there is none; skip it."
    )


def _clock(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if moment else "once"
