"""From a response that is no success, or a SOAP fault, to the error that says what is next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connectors.errors import (
    ConnectorError,
    ConnectorIsWrong,
    JobIsWrong,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.spml.causes import ERRORS, FAULTS
from connectors.spml.xml import Element, children, local, text_of
from connectors.status import says_taken

_SHOWN = 300
_CODE_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that was answered. `on_object`: what it names is an object, and no target
    or container."""

    name: str
    place: str
    changes: bool
    on_object: bool


def refusal(
    asked: Asked, said: Element, status: int, redact: Callable[[str], str]
) -> ConnectorError | None:
    """None for a success, and for what is no SPML response at all."""
    if local(said) == "Fault":
        return _fault(asked, said, status, redact)
    state = said.get("status")
    if state == "failure":
        return _failure(asked, said, redact)
    if state == "pending":
        return RetryLater(
            f"{asked.place} took the {asked.name} and works on it: what comes of it is looked "
            "up later",
            code="pending",
            maybe_sent=asked.changes,
        )
    return None


def words(said: Element) -> str:
    """What an operator is told of it: error messages, or a fault's reason."""
    told = [text_of(one) for one in said if local(one) in ("errorMessage", "faultstring")]
    return " ".join(" ".join(told).split())


def _failure(asked: Asked, said: Element, redact: Callable[[str], str]) -> ConnectorError:
    code = redact(said.get("error") or "")[:_CODE_SHOWN]
    kind = ERRORS.get(code, JobIsWrong)
    if kind is RemoteMissing and not asked.on_object:
        kind = ConnectorIsWrong
    if code in ("customError", "") and says_taken(words(said)):
        kind = RemoteExists
    return kind(_sentence(asked, code or "no code", redact(words(said))), code=code)


def _fault(
    asked: Asked, said: Element, status: int, redact: Callable[[str], str]
) -> ConnectorError | None:
    qualified = next((text_of(one).strip() for one in children(said, "faultcode")), "")
    code = redact(qualified.rpartition(":")[2])[:_CODE_SHOWN]
    kind = FAULTS.get(code) or FAULTS.get(code.partition(".")[0])
    if kind is None:
        return None
    message = _sentence(asked, f"fault {code}", redact(words(said)))
    if kind is RetryLater:
        return RetryLater(message, status=status, code=code, maybe_sent=asked.changes)
    if kind is JobIsWrong and says_taken(words(said)):
        kind = RemoteExists
    return kind(message, status=status, code=code)


def _sentence(asked: Asked, code: str, detail: str) -> str:
    said = f": {detail[:_SHOWN]}" if detail else ""
    return f"{asked.name} to {asked.place} was refused ({code}{said})"
