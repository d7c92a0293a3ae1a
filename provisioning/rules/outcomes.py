"""What evaluating a rule or policy comes to, with the extended Indeterminate of 7.10."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Final


class Decision(StrEnum):
    PERMIT = "Permit"
    DENY = "Deny"
    NOT_APPLICABLE = "NotApplicable"
    INDETERMINATE = "Indeterminate"


class Outcome(Enum):
    PERMIT = "Permit"
    DENY = "Deny"
    NOT_APPLICABLE = "NotApplicable"
    INDETERMINATE_P = "Indeterminate{P}"
    INDETERMINATE_D = "Indeterminate{D}"
    INDETERMINATE_DP = "Indeterminate{DP}"

    @property
    def decision(self) -> Decision:
        return Decision(self.value.partition("{")[0])


PERMIT: Final = Outcome.PERMIT
DENY: Final = Outcome.DENY
NOT_APPLICABLE: Final = Outcome.NOT_APPLICABLE
INDETERMINATE_P: Final = Outcome.INDETERMINATE_P
INDETERMINATE_D: Final = Outcome.INDETERMINATE_D
INDETERMINATE_DP: Final = Outcome.INDETERMINATE_DP

DETERMINATE: Final = frozenset((PERMIT, DENY, NOT_APPLICABLE))
EFFECTS: Final = {"Permit": PERMIT, "Deny": DENY}

WITH_ERROR: Final = {
    PERMIT: INDETERMINATE_P,
    DENY: INDETERMINATE_D,
    NOT_APPLICABLE: NOT_APPLICABLE,
    INDETERMINATE_P: INDETERMINATE_P,
    INDETERMINATE_D: INDETERMINATE_D,
    INDETERMINATE_DP: INDETERMINATE_DP,
}
"""A policy whose target, or whose obligations, could not be evaluated (table 7)."""
