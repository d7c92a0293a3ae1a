"""What operators are told to do, by connector, code and the target's own words."""

from __future__ import annotations

import re

import pytest

from connectors import registry
from provisioning import advice
from provisioning.conflicts import BY_CODE
from provisioning.delivery.sending import OUTCOMES
from provisioning.models import CONFLICTS, Outcome


@pytest.mark.parametrize(
    ("connector", "code", "reason", "told"),
    [
        (
            "scim2",
            "rejected",
            "POST x://y was answered 400 (department is required)",
            "default",
        ),
        (
            "scim2",
            "rejected",
            "PATCH x://y/required was answered 400 (no)",
            "Mend the attribute",
        ),
        ("scim2", "rejected", "answered 400 (mutability: userType is read-only)", "only"),
        ("scim2", "gave_up", "gave up after 24 hours: answered 500 (invalid)", "Test the conn"),
        ("google", "rejected", "answered 400 (invalid: Invalid Given/Family Name)", "reason"),
        ("google", "rejected", "answered 412 (limitExceeded: Domain user limit)", "licence"),
        ("salesforce", "rejected", "LICENSE_LIMIT_EXCEEDED: license limit", "licence"),
        ("salesforce", "configuration", "Salesforce needs LastName: map them", "default"),
        ("not-installed", "rejected", "department is required", "Mend the attribute"),
        ("scim2", "unheard-of", "?", "attempts"),
    ],
)
def test_the_cause_decides(connector: str, code: str, reason: str, told: str) -> None:
    assert told in advice.for_failure(connector, code, reason)


def test_every_code_of_a_failure_has_advice() -> None:
    ending = (Outcome.JOB_WRONG, Outcome.AMBIGUOUS)

    codes = {code for _, outcome, code in OUTCOMES if outcome in ending}

    assert codes <= advice.BY_CODE.keys()


def test_every_conflict_is_explained() -> None:
    assert set(CONFLICTS) == BY_CODE.keys()


@pytest.mark.parametrize("key", sorted(registry.BUILT_IN))
def test_patterns_of_known_causes_can_be_read(key: str) -> None:
    causes = registry.load(key).known_causes

    assert causes
    for cause in causes:
        re.compile(cause.pattern)
        assert cause.advice.endswith(".")
