"""Held jobs in whose way an account at the target stands: why, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.models import Job, State


@dataclass(frozen=True, slots=True)
class Conflict:
    """`adopts`: letting the job go on takes the account over. `advice` is in plain words."""

    title: str
    advice: str
    adopts: bool = False


BY_CODE: Mapping[str, Conflict] = {
    "conflict": Conflict(
        "Already there",
        "Is that account this person's? Adopt it, link another one by hand, or reject.",
        adopts=True,
    ),
    "disabled_there": Conflict(
        "There, and disabled",
        "Somebody disabled it at the target. Adopt it to enable it again, or reject.",
        adopts=True,
    ),
    "former_owner": Conflict(
        "Belonged to somebody else",
        "It was left there for somebody who left. Is it the same person? Adopt it; else rename "
        "this one, link another account by hand, or reject.",
        adopts=True,
    ),
    "maybe_anothers": Conflict(
        "Perhaps somebody else's",
        "A request of somebody else was never answered and may have made it. Retry theirs "
        "first, or link by hand.",
    ),
    "protected_name": Conflict(
        "Protected name",
        "Nothing is ever written to it. Rename this one, or take the name off the connector's "
        "list and try again; or reject.",
    ),
    "remote_name_taken": Conflict(
        "Name taken by another of yours",
        "Two of yours would have one name there. Rename one; then try again, or reject.",
    ),
    "foreign": Conflict(
        "Not known to be ours",
        "An account of that name would be removed, though we never linked it. Release it to "
        "remove that account; reject to leave it.",
    ),
    "unconfirmed": Conflict(
        "Another system",
        "The connector points at another system now. Reject to leave the account, or point the "
        "connector back and try again.",
    ),
}


def of(job: Job) -> Conflict | None:
    """None for a job that waits for nobody's word about an account."""
    return BY_CODE.get(job.reason_code) if job.state == State.HELD else None
