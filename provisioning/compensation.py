"""Undoing a change whose blocking target failed, where its row says *refuse*.

The compensating change goes through `accept` like any other: it cancels what was not sent
and reverses what was sent or may have been. It is made only while nobody has changed the
entity since; otherwise the failure is reported.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from provisioning.changes import (
    Accepted,
    Action,
    Change,
    GroupData,
    Refused,
    Result,
    TargetRefused,
    UserData,
)
from provisioning.models import Job
from provisioning.planning import Verdict
from provisioning.writes import Written
from serviceproviders.models import OnBlockingFailure

ACTOR = "compensation"


def is_compensating(change: Change) -> bool:
    """A compensating change never waits for a target."""
    return change.actor.startswith(ACTOR + ":")


def refuse_if_wanted(
    change: Change,
    written: Written,
    accepted: Accepted,
    jobs: Sequence[tuple[Job, Verdict]],
    accept: Callable[[Change], Accepted],
) -> None:
    """Raises `TargetRefused` after undoing the change; returns when it stays."""
    failed = {o.job_id: o for o in accepted.outcomes if o.result is Result.FAILED}
    refusing = [
        failed[job.pk]
        for job, verdict in jobs
        if job.pk in failed
        and verdict.row is not None
        and verdict.row.blocking
        and verdict.row.on_blocking_failure == OnBlockingFailure.REFUSE
    ]
    if not refusing or not _undo(change, written, accept):
        return
    first = refusing[0]
    raise TargetRefused(
        f"{first.identity_provider}/{first.connector} failed, so the change was undone: "
        f"{first.reason}",
        accepted.outcomes,
    )


def _undo(change: Change, written: Written, accept: Callable[[Change], Accepted]) -> bool:
    undoing = dataclasses.replace(
        inverse(change, written), actor=f"{ACTOR}:{change.actor}"[:345]
    )
    try:
        accept(undoing)
    except Refused:
        return False
    return True


def inverse(change: Change, written: Written) -> Change:
    """The change that brings back what was before."""
    actions = {
        Action.CREATE: Action.DELETE,
        Action.UPDATE: Action.UPDATE,
        Action.DELETE: Action.CREATE,
    }
    before = written.before
    deleted = change.action is Action.DELETE
    return Change(
        tenant=change.tenant,
        service_provider=change.service_provider,
        door=change.door,
        actor=change.actor,
        action=actions[change.action],
        entity_type=change.entity_type,
        entity_id=written.subject.id,
        expected_version=None if deleted else written.subject.version,
        user=before if isinstance(before, UserData) else None,
        group=before if isinstance(before, GroupData) else None,
        passes=written.subject.passes,
    )
