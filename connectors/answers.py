"""What becomes of a target's answers: the classes of outcome, and rows that a page tells and
a test proves (`connectors.testing.AnswerContract`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Literal

from connectors.errors import (
    Ambiguous,
    ConnectorError,
    ConnectorIsWrong,
    NotBefore,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.types import Found


class Asked(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    FIND = "look-up"


class Means(StrEnum):
    """The class of an outcome, named by what happens next."""

    DONE = "done"
    ADOPT = "adopt"
    CONFIRM = "confirmed"
    CREATE_INSTEAD = "create instead"
    RETRY = "retry"
    NOT_BEFORE = "not before"
    DISGUISED = "throttled in disguise"
    JOB_IS_WRONG = "job is wrong"
    CONNECTOR_IS_WRONG = "connector is wrong"
    AMBIGUOUS = "ambiguous"


HAPPENS: Mapping[Means, str] = {
    Means.DONE: "The job is done",
    Means.ADOPT: "The account of that name is looked up: ours is confirmed, another's is "
    "adopted or held, as `on_conflict` says",
    Means.CONFIRM: "It may have taken effect: before it is repeated the target is looked at, "
    "and what our own request made is confirmed",
    Means.CREATE_INSTEAD: "The account is gone: it is created anew",
    Means.RETRY: "Tried again, later and later",
    Means.NOT_BEFORE: "The whole connector waits as long as the target asks",
    Means.DISGUISED: "The same, though it is not called throttling",
    Means.JOB_IS_WRONG: "The job failed; others go on",
    Means.CONNECTOR_IS_WRONG: "Quarantine: jobs wait until the connector is well",
    Means.AMBIGUOUS: "The job failed: nobody is chosen",
}
"""What the engine does about each."""

DISGUISES = frozenset({400, 403, 500, 503})
"""Statuses that do not say so when a target throttles with them."""


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """One answer to one request, and what it means.

    `status` 0: the connection breaks before there is an answer, after the request was read.
    `own`: the target answers so by itself, because it did what was asked, or because the name
    is taken, or the account gone. `{name}` in `body` stands for the name that was asked about.
    `says` is shown beside the status: words of the target, in backquotes.
    """

    asked: Asked
    means: Means
    status: int
    says: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    own: Literal["", "done", "taken", "gone"] = ""

    @property
    def shown(self) -> str:
        if not self.status:
            return "none: the connection breaks"
        try:
            phrase = f" {HTTPStatus(self.status).phrase}"
        except ValueError:
            phrase = ""
        return f"{self.status}{phrase}" + (f", {self.says}" if self.says else "")


def means(asked: Asked, error: ConnectorError | None, found: Sequence[Found] = ()) -> Means:
    """The class of what a connector raised, or of what it found."""
    if error is None:
        return Means.AMBIGUOUS if len(found) > 1 else Means.DONE
    if isinstance(error, NotBefore):
        hidden = error.status in DISGUISES and not _says_when(error)
        return Means.DISGUISED if hidden else Means.NOT_BEFORE
    if isinstance(error, RetryLater):
        lost = error.maybe_sent and asked is Asked.CREATE
        return Means.CONFIRM if lost else Means.RETRY
    if isinstance(error, RemoteMissing) and asked is not Asked.FIND:
        return Means.DONE if asked is Asked.DELETE else Means.CREATE_INSTEAD
    kinds: tuple[tuple[type[ConnectorError], Means], ...] = (
        (RemoteExists, Means.ADOPT),
        (Ambiguous, Means.AMBIGUOUS),
        (ConnectorIsWrong, Means.CONNECTOR_IS_WRONG),
    )
    return next((m for kind, m in kinds if isinstance(error, kind)), Means.JOB_IS_WRONG)


def _says_when(error: NotBefore) -> bool:
    """503 with Retry-After says it plainly."""
    return error.status == HTTPStatus.SERVICE_UNAVAILABLE and not error.code


def table(answers: Iterable[KnownAnswer]) -> str:
    """The rows as a page shows them (Markdown), class by class."""
    order = list(Means)
    rows = sorted(answers, key=lambda row: order.index(row.means))
    lines = ["| Class | Asked for | Answer | What happens |", "|---|---|---|---|"]
    for row in rows:
        lines.append(f"| {row.means} | {row.asked} | {row.shown} | {HAPPENS[row.means]} |")
    return "\n".join(lines)


C, U, D, F = Asked.CREATE, Asked.UPDATE, Asked.DELETE, Asked.FIND
_LATER = {"Retry-After": "120"}


def common(
    created: int,
    updated: int,
    deleted: int,
    taken: int,
    *,
    says: str = "the name is taken",
    busy: Means = Means.CONFIRM,
) -> tuple[KnownAnswer, ...]:
    """What every target's answers mean that speaks HTTP (`connectors.status`), with those by
    which this one says that it did what was asked, and that it has a name already. `busy`:
    what 503 without Retry-After means."""
    return (
        KnownAnswer(C, Means.DONE, created, own="done"),
        KnownAnswer(U, Means.DONE, updated, own="done"),
        KnownAnswer(D, Means.DONE, deleted, own="done"),
        KnownAnswer(D, Means.DONE, 404, "it is gone already", own="gone"),
        KnownAnswer(C, Means.ADOPT, taken, says, own="taken"),
        KnownAnswer(C, busy, 503, "without `Retry-After`"),
        *_TROUBLES,
    )


_TROUBLES = (
    KnownAnswer(C, Means.CONFIRM, 0),
    KnownAnswer(C, Means.CONFIRM, 500),
    KnownAnswer(C, Means.CONFIRM, 502),
    KnownAnswer(U, Means.CREATE_INSTEAD, 404, own="gone"),
    KnownAnswer(U, Means.RETRY, 0),
    KnownAnswer(U, Means.RETRY, 504),
    KnownAnswer(U, Means.RETRY, 423),
    KnownAnswer(C, Means.NOT_BEFORE, 429, "with `Retry-After`", headers=_LATER),
    KnownAnswer(C, Means.NOT_BEFORE, 429, "without: 10 seconds"),
    KnownAnswer(C, Means.NOT_BEFORE, 503, "with `Retry-After`", headers=_LATER),
    KnownAnswer(C, Means.JOB_IS_WRONG, 400),
    KnownAnswer(C, Means.JOB_IS_WRONG, 501),
    KnownAnswer(C, Means.CONNECTOR_IS_WRONG, 401, "also after a token was renewed"),
    KnownAnswer(C, Means.CONNECTOR_IS_WRONG, 403),
    KnownAnswer(C, Means.CONNECTOR_IS_WRONG, 404, "nothing at the address of all users"),
)
