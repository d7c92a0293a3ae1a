"""The combining algorithms of appendix C, those for rules and for policies alike.

Each is given the evaluation and the children in order. Those of 3.0 tell the extended
Indeterminate; what comes of the others counts as Indeterminate{DP} (C.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from provisioning.rules import names
from provisioning.rules.errors import Indeterminate
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.outcomes import (
    DENY,
    INDETERMINATE_D,
    INDETERMINATE_DP,
    INDETERMINATE_P,
    NOT_APPLICABLE,
    PERMIT,
    Outcome,
)


class Child(Protocol):
    """A rule or a policy."""

    def evaluate(self, e: Evaluation) -> Outcome: ...

    def applies(self, e: Evaluation) -> bool:
        """Whether its target matches. Raises `Indeterminate`."""


Algorithm = Callable[[Evaluation, Sequence[Child]], Outcome]


def deny_overrides(e: Evaluation, children: Sequence[Child]) -> Outcome:
    return _overriding(e, children, DENY, PERMIT, INDETERMINATE_D, INDETERMINATE_P)


def permit_overrides(e: Evaluation, children: Sequence[Child]) -> Outcome:
    return _overriding(e, children, PERMIT, DENY, INDETERMINATE_P, INDETERMINATE_D)


def _overriding(
    e: Evaluation,
    children: Sequence[Child],
    strong: Outcome,
    weak: Outcome,
    strong_error: Outcome,
    weak_error: Outcome,
) -> Outcome:
    """C.2 and C.4; the one is the other with the effects exchanged."""
    seen = set()
    for child in children:
        outcome = child.evaluate(e)
        if outcome is strong:
            return strong
        if outcome is not NOT_APPLICABLE:
            seen.add(outcome)
    if not seen:
        return NOT_APPLICABLE
    if INDETERMINATE_DP in seen:
        return INDETERMINATE_DP
    if strong_error in seen:
        return strong_error if len(seen) == 1 else INDETERMINATE_DP
    return weak if weak in seen else weak_error


def deny_unless_permit(e: Evaluation, children: Sequence[Child]) -> Outcome:
    for child in children:
        if child.evaluate(e) is PERMIT:
            return PERMIT
    return DENY


def permit_unless_deny(e: Evaluation, children: Sequence[Child]) -> Outcome:
    for child in children:
        if child.evaluate(e) is DENY:
            return DENY
    return PERMIT


def first_applicable(e: Evaluation, children: Sequence[Child]) -> Outcome:
    for child in children:
        outcome = child.evaluate(e)
        if outcome is not NOT_APPLICABLE:
            return _untracked(outcome)
    return NOT_APPLICABLE


def only_one_applicable(e: Evaluation, children: Sequence[Child]) -> Outcome:
    chosen: Child | None = None
    for child in children:
        try:
            if not child.applies(e):
                continue
        except Indeterminate as error:
            e.errors.append(error)
            return INDETERMINATE_DP
        if chosen is not None:
            e.errors.append(Indeterminate("more than one policy is applicable"))
            return INDETERMINATE_DP
        chosen = child
    return NOT_APPLICABLE if chosen is None else _untracked(chosen.evaluate(e))


def _untracked(outcome: Outcome) -> Outcome:
    if outcome is PERMIT or outcome is DENY or outcome is NOT_APPLICABLE:
        return outcome
    return INDETERMINATE_DP


def legacy_deny_overrides_of_rules(e: Evaluation, children: Sequence[Child]) -> Outcome:
    """C.10: an error in a rule that could have denied is an error; in another, forgiven."""
    return _legacy(e, children, DENY, PERMIT, INDETERMINATE_P)


def legacy_permit_overrides_of_rules(e: Evaluation, children: Sequence[Child]) -> Outcome:
    """C.12."""
    return _legacy(e, children, PERMIT, DENY, INDETERMINATE_D)


def _legacy(
    e: Evaluation,
    children: Sequence[Child],
    strong: Outcome,
    weak: Outcome,
    weak_error: Outcome,
) -> Outcome:
    seen = set()
    for child in children:
        outcome = child.evaluate(e)
        if outcome is strong:
            return strong
        seen.add(outcome)
    seen.discard(NOT_APPLICABLE)
    if seen - {weak, weak_error}:
        return INDETERMINATE_DP
    if weak in seen:
        return weak
    return INDETERMINATE_DP if seen else NOT_APPLICABLE


def legacy_deny_overrides_of_policies(e: Evaluation, children: Sequence[Child]) -> Outcome:
    """C.10: any error denies."""
    permitted = False
    for child in children:
        outcome = child.evaluate(e)
        if outcome is PERMIT:
            permitted = True
        elif outcome is not NOT_APPLICABLE:
            return DENY
    return PERMIT if permitted else NOT_APPLICABLE


def legacy_permit_overrides_of_policies(e: Evaluation, children: Sequence[Child]) -> Outcome:
    """C.12: an error counts only when nothing denies."""
    seen = set()
    for child in children:
        outcome = child.evaluate(e)
        if outcome is PERMIT:
            return PERMIT
        seen.add(outcome)
    if DENY in seen:
        return DENY
    return INDETERMINATE_DP if seen - {NOT_APPLICABLE} else NOT_APPLICABLE


_RULES: Final = ":rule-combining-algorithm:"
_POLICIES: Final = ":policy-combining-algorithm:"
_SHARED: Final = {
    "3.0{}deny-overrides": deny_overrides,
    "3.0{}ordered-deny-overrides": deny_overrides,
    "3.0{}permit-overrides": permit_overrides,
    "3.0{}ordered-permit-overrides": permit_overrides,
    "3.0{}deny-unless-permit": deny_unless_permit,
    "3.0{}permit-unless-deny": permit_unless_deny,
    "1.0{}first-applicable": first_applicable,
}


def _named(kind: str, own: dict[str, Algorithm]) -> dict[str, Algorithm]:
    return {
        names.URN + name.format(kind): algorithm for name, algorithm in (_SHARED | own).items()
    }


OF_RULES: Final = _named(
    _RULES,
    {
        "1.0{}deny-overrides": legacy_deny_overrides_of_rules,
        "1.1{}ordered-deny-overrides": legacy_deny_overrides_of_rules,
        "1.0{}permit-overrides": legacy_permit_overrides_of_rules,
        "1.1{}ordered-permit-overrides": legacy_permit_overrides_of_rules,
    },
)
OF_POLICIES: Final = _named(
    _POLICIES,
    {
        "1.0{}only-one-applicable": only_one_applicable,
        "1.0{}deny-overrides": legacy_deny_overrides_of_policies,
        "1.1{}ordered-deny-overrides": legacy_deny_overrides_of_policies,
        "1.0{}permit-overrides": legacy_permit_overrides_of_policies,
        "1.1{}ordered-permit-overrides": legacy_permit_overrides_of_policies,
    },
)
DENY_OVERRIDES: Final = names.URN + "3.0:policy-combining-algorithm:deny-overrides"
