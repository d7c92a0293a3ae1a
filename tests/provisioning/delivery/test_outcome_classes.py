"""The engine does with a named error what the pages of the connectors say."""

from __future__ import annotations

import pytest

from connectors import (
    Ambiguous,
    Asked,
    ConnectorError,
    ConnectorIsWrong,
    JobIsWrong,
    Means,
    NotBefore,
    NotConfigured,
    RetryLater,
)
from connectors.answers import HAPPENS, means
from provisioning.delivery.sending import OUTCOMES
from provisioning.models import Outcome, State
from provisioning.outbox.settling import STATES


@pytest.mark.parametrize(
    ("error", "asked", "means_", "outcome"),
    [
        (NotBefore("", retry_after=1, status=429), Asked.CREATE, "not before", "not_before"),
        (
            NotBefore("", retry_after=1, status=403),
            Asked.CREATE,
            "throttled in disguise",
            "not_before",
        ),
        (RetryLater("", maybe_sent=True), Asked.CREATE, "confirmed", "retry"),
        (RetryLater("", maybe_sent=True), Asked.UPDATE, "retry", "retry"),
        (RetryLater(""), Asked.CREATE, "retry", "retry"),
        (ConnectorIsWrong(""), Asked.UPDATE, "connector is wrong", "connector_wrong"),
        (JobIsWrong(""), Asked.UPDATE, "job is wrong", "job_wrong"),
        (NotConfigured(""), Asked.UPDATE, "job is wrong", "job_wrong"),
        (Ambiguous(""), Asked.FIND, "ambiguous", "ambiguous"),
        (ConnectorError(""), Asked.UPDATE, "job is wrong", "job_wrong"),
    ],
)
def test_the_class_told_is_the_one_that_counts(
    error: ConnectorError, asked: Asked, means_: str, outcome: str
) -> None:
    assert means(asked, error) == means_
    assert next(found for kind, found, _ in OUTCOMES if isinstance(error, kind)) == outcome


def test_each_class_says_what_happens_and_each_outcome_leads_to_a_state() -> None:
    assert set(HAPPENS) == set(Means)
    assert set(STATES) == set(Outcome)
    assert STATES[Outcome.DRY_RUN] is State.HELD
