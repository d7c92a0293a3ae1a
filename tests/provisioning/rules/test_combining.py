"""Every combining algorithm against its pseudo-code of appendix C, on all short sequences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import pytest

from provisioning.rules import combining, names
from provisioning.rules.combining import Algorithm
from provisioning.rules.evaluation import Evaluation
from provisioning.rules.outcomes import Outcome
from tests.provisioning.rules.writing import NOTHING

P, D, NA = Outcome.PERMIT, Outcome.DENY, Outcome.NOT_APPLICABLE
IP, ID, IDP = Outcome.INDETERMINATE_P, Outcome.INDETERMINATE_D, Outcome.INDETERMINATE_DP
SEQUENCES = [seq for length in range(4) for seq in product(Outcome, repeat=length)]
ERRORS = (IP, ID, IDP)

Told = Callable[[Sequence[Outcome]], Outcome]


class Made:
    """A child that comes to what it is told."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    def applies(self, e: Evaluation) -> bool:
        return self.outcome is not NA

    def evaluate(self, e: Evaluation) -> Outcome:
        return self.outcome


def run(algorithm: Algorithm, outcomes: Sequence[Outcome]) -> Outcome:
    return algorithm(Evaluation(NOTHING, None), [Made(one) for one in outcomes])


def deny_overrides(seen: Sequence[Outcome]) -> Outcome:
    """C.2, line by line."""
    if D in seen:
        return D
    if IDP in seen:
        return IDP
    if ID in seen and (IP in seen or P in seen):
        return IDP
    if ID in seen:
        return ID
    if P in seen:
        return P
    if IP in seen:
        return IP
    return NA


def permit_overrides(seen: Sequence[Outcome]) -> Outcome:
    """C.4."""
    if P in seen:
        return P
    if IDP in seen:
        return IDP
    if IP in seen and (ID in seen or D in seen):
        return IDP
    if IP in seen:
        return IP
    if D in seen:
        return D
    if ID in seen:
        return ID
    return NA


def deny_unless_permit(seen: Sequence[Outcome]) -> Outcome:
    return P if P in seen else D


def permit_unless_deny(seen: Sequence[Outcome]) -> Outcome:
    return D if D in seen else P


def first_applicable(seen: Sequence[Outcome]) -> Outcome:
    for one in seen:
        if one in (P, D):
            return one
        if one in ERRORS:
            return IDP
    return NA


def only_one_applicable(seen: Sequence[Outcome]) -> Outcome:
    applicable = [one for one in seen if one is not NA]
    if len(applicable) > 1:
        return IDP
    if not applicable:
        return NA
    return IDP if applicable[0] in ERRORS else applicable[0]


def legacy_deny_overrides_of_rules(seen: Sequence[Outcome]) -> Outcome:
    """C.10. A rule that denies can only come to Indeterminate{D}."""
    if D in seen:
        return D
    if ID in seen or IDP in seen:
        return IDP
    if P in seen:
        return P
    if IP in seen:
        return IDP
    return NA


def legacy_permit_overrides_of_rules(seen: Sequence[Outcome]) -> Outcome:
    """C.12."""
    if P in seen:
        return P
    if IP in seen or IDP in seen:
        return IDP
    if D in seen:
        return D
    if ID in seen:
        return IDP
    return NA


def legacy_deny_overrides_of_policies(seen: Sequence[Outcome]) -> Outcome:
    if any(one is D or one in ERRORS for one in seen):
        return D
    return P if P in seen else NA


def legacy_permit_overrides_of_policies(seen: Sequence[Outcome]) -> Outcome:
    if P in seen:
        return P
    if D in seen:
        return D
    return IDP if any(one in ERRORS for one in seen) else NA


RULES = {
    "3.0:rule-combining-algorithm:deny-overrides": deny_overrides,
    "3.0:rule-combining-algorithm:ordered-deny-overrides": deny_overrides,
    "3.0:rule-combining-algorithm:permit-overrides": permit_overrides,
    "3.0:rule-combining-algorithm:ordered-permit-overrides": permit_overrides,
    "3.0:rule-combining-algorithm:deny-unless-permit": deny_unless_permit,
    "3.0:rule-combining-algorithm:permit-unless-deny": permit_unless_deny,
    "1.0:rule-combining-algorithm:first-applicable": first_applicable,
    "1.0:rule-combining-algorithm:deny-overrides": legacy_deny_overrides_of_rules,
    "1.1:rule-combining-algorithm:ordered-deny-overrides": legacy_deny_overrides_of_rules,
    "1.0:rule-combining-algorithm:permit-overrides": legacy_permit_overrides_of_rules,
    "1.1:rule-combining-algorithm:ordered-permit-overrides": legacy_permit_overrides_of_rules,
}
POLICIES = {
    "3.0:policy-combining-algorithm:deny-overrides": deny_overrides,
    "3.0:policy-combining-algorithm:ordered-deny-overrides": deny_overrides,
    "3.0:policy-combining-algorithm:permit-overrides": permit_overrides,
    "3.0:policy-combining-algorithm:ordered-permit-overrides": permit_overrides,
    "3.0:policy-combining-algorithm:deny-unless-permit": deny_unless_permit,
    "3.0:policy-combining-algorithm:permit-unless-deny": permit_unless_deny,
    "1.0:policy-combining-algorithm:first-applicable": first_applicable,
    "1.0:policy-combining-algorithm:only-one-applicable": only_one_applicable,
    "1.0:policy-combining-algorithm:deny-overrides": legacy_deny_overrides_of_policies,
    "1.1:policy-combining-algorithm:ordered-deny-overrides": legacy_deny_overrides_of_policies,
    "1.0:policy-combining-algorithm:permit-overrides": legacy_permit_overrides_of_policies,
    "1.1:policy-combining-algorithm:ordered-permit-overrides": (
        legacy_permit_overrides_of_policies
    ),
}


@pytest.mark.parametrize("name", sorted(RULES))
def test_rules_are_combined_as_the_pseudo_code_says(name: str) -> None:
    algorithm, told = combining.OF_RULES[names.URN + name], RULES[name]

    assert [run(algorithm, seq) for seq in SEQUENCES] == [told(seq) for seq in SEQUENCES]


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_policies_are_combined_as_the_pseudo_code_says(name: str) -> None:
    algorithm, told = combining.OF_POLICIES[names.URN + name], POLICIES[name]

    assert [run(algorithm, seq) for seq in SEQUENCES] == [told(seq) for seq in SEQUENCES]


def test_there_is_no_algorithm_beyond_those() -> None:
    assert set(combining.OF_RULES) == {names.URN + name for name in RULES}
    assert set(combining.OF_POLICIES) == {names.URN + name for name in POLICIES}
