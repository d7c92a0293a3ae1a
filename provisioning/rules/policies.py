"""Compiled rules, policies and policy sets, and how they are evaluated (7.11 to 7.15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from provisioning.rules.combining import Algorithm, Child
from provisioning.rules.duties import DutyExpression, perform
from provisioning.rules.errors import Indeterminate
from provisioning.rules.evaluation import Evaluation, keep
from provisioning.rules.functions.signature import Closure
from provisioning.rules.outcomes import DETERMINATE, NOT_APPLICABLE, WITH_ERROR, Outcome
from provisioning.rules.targets import Alternatives


class PolicyId(NamedTuple):
    id: str
    version: str
    is_set: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """`words` name it to people."""

    id: str
    effect: Outcome
    words: str
    target: Closure | None = None
    condition: Closure | None = None
    duties: tuple[DutyExpression, ...] = ()

    def applies(self, e: Evaluation) -> bool:
        return self.target is None or bool(self.target(e))

    def evaluate(self, e: Evaluation) -> Outcome:
        try:
            if self.target is not None and not self.target(e):
                return NOT_APPLICABLE
            if self.condition is not None and not self.condition(e):
                return NOT_APPLICABLE
            if self.duties:
                perform(e, self.duties, self.effect)
        except Indeterminate as error:
            e.errors.append(error)
            outcome = WITH_ERROR[self.effect]
        else:
            outcome = self.effect
        e.trail.append((outcome, self.words))
        return outcome


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy or policy set, ready to be evaluated. Never changed; shared by threads.

    `target_keys`: of each of these, a request must have one to match at all. `entry` is the
    work of looking at its target, `weight` that of the rest without its policies; `depth` says
    how deep policies lie in it.
    """

    name: PolicyId
    description: str
    words: str
    algorithm: Algorithm
    children: tuple[Child, ...]
    target: Closure | None = None
    target_keys: tuple[Alternatives, ...] = ()
    duties: tuple[DutyExpression, ...] = ()
    entry: int = 1
    weight: int = 0
    depth: int = 1

    @property
    def id(self) -> str:
        return self.name.id

    @property
    def version(self) -> str:
        return self.name.version

    def applies(self, e: Evaluation) -> bool:
        return self.target is None or bool(self.target(e))

    def evaluate(self, e: Evaluation) -> Outcome:
        e.spend(self.entry)
        steps, duties, policies = len(e.trail), len(e.duties), len(e.policies)
        errors = len(e.errors)
        error: Indeterminate | None = None
        if self.target is not None:
            try:
                if not self.target(e):
                    return NOT_APPLICABLE
            except Indeterminate as found:
                error = found
        e.spend(self.weight)
        outcome = self.algorithm(e, self.children)
        if error is not None:
            e.errors.insert(errors, error)
            outcome = WITH_ERROR[outcome]
        elif self.duties and outcome in DETERMINATE:
            outcome = self._performed(e, outcome)
        if outcome in DETERMINATE:
            del e.errors[errors:]
        keep(e.duties, duties, outcome)
        self._leave_traces(e, outcome, steps, policies)
        return outcome

    def _performed(self, e: Evaluation, outcome: Outcome) -> Outcome:
        try:
            perform(e, self.duties, outcome)
        except Indeterminate as error:
            e.errors.append(error)
            return WITH_ERROR[outcome]
        return outcome

    def _leave_traces(self, e: Evaluation, outcome: Outcome, steps: int, policies: int) -> None:
        """Who decided, and which policies applied."""
        if outcome is NOT_APPLICABLE:
            del e.trail[steps:]
            del e.policies[policies:]
            return
        keep(e.trail, steps, outcome)
        if len(e.trail) == steps:
            e.trail.append((outcome, self.words))
        e.policies.append(self.name)
