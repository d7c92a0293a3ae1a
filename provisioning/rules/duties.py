"""Obligations and advice: what comes along with a decision (7.18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from provisioning.rules import datatypes
from provisioning.rules.datatypes import DataType
from provisioning.rules.documents import Element, attribute_of, tag
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.expressions import READER, Expression, Scope, expression
from provisioning.rules.functions.signature import Kind
from provisioning.rules.outcomes import EFFECTS, Outcome


@dataclass(frozen=True, slots=True)
class Assignment:
    attribute_id: str
    data_type: DataType
    value: Any
    category: str | None = None
    issuer: str | None = None

    @property
    def text(self) -> str:
        return self.data_type.write(self.value)


@dataclass(frozen=True, slots=True)
class Duty:
    """An obligation, which whoever enforces the decision must fulfil, or an advice."""

    id: str
    assignments: tuple[Assignment, ...]
    is_advice: bool = False


@dataclass(frozen=True, slots=True)
class AssignmentExpression:
    attribute_id: str
    kind: Kind
    expression: Expression
    category: str | None
    issuer: str | None

    def evaluate(self, e: Evaluation) -> list[Assignment]:
        """One for every value of a bag."""
        value = self.expression.run(e)
        values: Sequence[Any] = value if self.kind.bag else (value,)
        e.spend(len(values))
        data_type = datatypes.ALL[self.kind.data_type]
        return [
            Assignment(self.attribute_id, data_type, one, self.category, self.issuer)
            for one in values
        ]


@dataclass(frozen=True, slots=True)
class DutyExpression:
    id: str
    applies_to: Outcome
    is_advice: bool
    assignments: tuple[AssignmentExpression, ...]

    def evaluate(self, e: Evaluation) -> Duty:
        made = [one for part in self.assignments for one in part.evaluate(e)]
        return Duty(self.id, tuple(made), self.is_advice)


def duty_expressions(parent: Element, scope: Scope) -> tuple[DutyExpression, ...]:
    """Those of a rule, policy or policy set. Raises `PolicyRefused`."""
    wanted = ("ObligationExpressions", "AdviceExpressions")
    return tuple(
        _duty(element, scope) for group in parent if tag(group) in wanted for element in group
    )


def _duty(element: Element, scope: Scope) -> DutyExpression:
    is_advice = tag(element) == "AdviceExpression"
    effect = attribute_of(element, "AppliesTo" if is_advice else "FulfillOn")
    if effect not in EFFECTS:
        raise READER.fail(f"{effect} is neither Permit nor Deny", element)
    return DutyExpression(
        attribute_of(element, "AdviceId" if is_advice else "ObligationId"),
        EFFECTS[effect],
        is_advice,
        tuple(_assignment(child, scope) for child in element),
    )


def _assignment(element: Element, scope: Scope) -> AssignmentExpression:
    made = expression(element[0], scope)
    return AssignmentExpression(
        attribute_of(element, "AttributeId"),
        made.kind,
        made,
        element.get("Category"),
        element.get("Issuer"),
    )


def perform(e: Evaluation, duties: Sequence[DutyExpression], outcome: Outcome) -> None:
    """Note those that go with the outcome. Raises `Indeterminate`."""
    made = [duty.evaluate(e) for duty in duties if duty.applies_to is outcome]
    e.duties.extend([(outcome, duty) for duty in made])
