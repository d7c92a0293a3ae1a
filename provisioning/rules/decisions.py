from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provisioning.rules import limits, names
from provisioning.rules.combining import Child
from provisioning.rules.duties import Duty
from provisioning.rules.errors import Exhausted, Indeterminate, MissingAttribute
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.outcomes import DETERMINATE, INDETERMINATE_DP, Decision, Outcome
from provisioning.rules.policies import Policy, PolicyId
from provisioning.rules.request import Request


@dataclass(frozen=True, slots=True)
class Status:
    code: str = names.OK
    message: str = ""
    missing: tuple[MissingAttribute, ...] = ()


_OK = Status()


@dataclass(frozen=True, slots=True)
class Result:
    """A decision and what came with it.

    `extended` tells which Indeterminate it is. `deciding` names, for people, the rules and
    policies that led to it. `used_clock`: a current time, date or dateTime was read on the
    way, so that the same question may be answered differently later.
    """

    decision: Decision
    extended: Outcome
    status: Status = _OK
    obligations: tuple[Duty, ...] = ()
    advice: tuple[Duty, ...] = ()
    policy_ids: tuple[PolicyId, ...] = ()
    deciding: tuple[str, ...] = ()
    used_clock: bool = False


def decide(policy: Policy, request: Request, *, now: datetime | None = None) -> Result:
    """Never raises: what goes wrong is Indeterminate. `now` (the time, unless given) also
    says the time zone of values without one.
    """
    return decide_with(policy, request, now)


def decide_with(
    child: Child, request: Request, now: datetime | None, work: int = limits.WORK
) -> Result:
    e = Evaluation(request, now, work)
    if request.problem:
        return failed(e, Indeterminate.unreadable(request.problem))
    try:
        outcome = child.evaluate(e)
    except Exhausted as error:
        return failed(e, Indeterminate(str(error)))
    except RecursionError:
        return failed(e, Indeterminate("expressions lie too deep within each other"))
    return _result(e, outcome)


def failed(e: Evaluation, error: Indeterminate) -> Result:
    """Indeterminate as a whole."""
    return Result(
        Decision.INDETERMINATE,
        INDETERMINATE_DP,
        Status(error.code, str(error)),
        used_clock=e.used_clock,
    )


def _result(e: Evaluation, outcome: Outcome) -> Result:
    duties = [step[1] for step in e.duties]
    return Result(
        outcome.decision,
        outcome,
        _OK if outcome in DETERMINATE else _status(e.errors),
        tuple([duty for duty in duties if not duty.is_advice]),
        tuple([duty for duty in duties if duty.is_advice]),
        tuple(dict.fromkeys(e.policies)),
        tuple([step[1] for step in e.trail]),
        e.used_clock,
    )


def _status(errors: list[Indeterminate]) -> Status:
    """The first error tells the reason."""
    if not errors:
        return Status(names.PROCESSING_ERROR, "the decision cannot be made")
    first = errors[0]
    missing = () if first.code != names.MISSING_ATTRIBUTE else _missing(errors)
    return Status(first.code, str(first), missing)


def _missing(errors: list[Indeterminate]) -> tuple[MissingAttribute, ...]:
    return tuple(dict.fromkeys(error.missing for error in errors if error.missing))
