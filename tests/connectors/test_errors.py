from __future__ import annotations

import pytest

from connectors.errors import (
    ConnectorError,
    JobIsWrong,
    NotBefore,
    OutOfBudget,
    RetryLater,
    in_doubt,
)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (JobIsWrong("no", status=400, code="bad"), RetryLater),
        (NotBefore("no", retry_after=7, status=429, code="slow"), NotBefore),
        (OutOfBudget("the rest waits", retry_after=0), OutOfBudget),
    ],
)
def test_what_may_have_taken_effect_stays_what_it_is_and_in_doubt(
    error: ConnectorError, kind: type[RetryLater]
) -> None:
    told = in_doubt(error)

    assert type(told) is kind
    assert told.maybe_sent
    assert (str(told), told.status, told.code) == (str(error), error.status, error.code)
    assert getattr(told, "retry_after", None) == getattr(error, "retry_after", None)
