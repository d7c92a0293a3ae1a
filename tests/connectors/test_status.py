from __future__ import annotations

import pytest

from connectors.errors import (
    ConnectorError,
    ConnectorIsWrong,
    JobIsWrong,
    NotBefore,
    RemoteExists,
    RemoteMissing,
    RetryLater,
)
from connectors.status import DEFAULT_PAUSE, error_for


def error(status: int, detail: str = "", **more: object) -> ConnectorError:
    values = {"headers": {}, "code": "", "changes": True, "on_object": True, **more}
    return error_for(status, request="PATCH https://t/Users/1", detail=detail, **values)  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, JobIsWrong),
        (401, ConnectorIsWrong),
        (403, ConnectorIsWrong),
        (404, RemoteMissing),
        (405, JobIsWrong),
        (408, RetryLater),
        (409, RemoteExists),
        (410, RemoteMissing),
        (412, JobIsWrong),
        (413, JobIsWrong),
        (422, JobIsWrong),
        (423, RetryLater),
        (429, NotBefore),
        (499, JobIsWrong),
        (500, RetryLater),
        (501, JobIsWrong),
        (502, RetryLater),
        (503, RetryLater),
        (504, RetryLater),
        (599, RetryLater),
    ],
)
def test_each_status_has_its_outcome(status: int, kind: type[ConnectorError]) -> None:
    raised = error(status)

    assert type(raised) is kind
    assert raised.status == status


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_change_that_failed_there_may_have_taken_effect(status: int) -> None:
    changing, reading = error(status), error(status, changes=False)

    assert isinstance(changing, RetryLater)
    assert isinstance(reading, RetryLater)
    assert changing.maybe_sent
    assert not reading.maybe_sent


@pytest.mark.parametrize("status", [423, 425, 429])
def test_what_was_refused_before_work_began_had_no_effect(status: int) -> None:
    raised = error(status)

    assert isinstance(raised, RetryLater)
    assert not raised.maybe_sent


@pytest.mark.parametrize(
    ("status", "headers", "detail", "seconds"),
    [
        (429, {"Retry-After": "5"}, "", 5),
        (429, {}, "", DEFAULT_PAUSE),
        (503, {"Retry-After": "6"}, "", 6),
        (500, {}, "API rate limit reached", DEFAULT_PAUSE),
        (500, {"Retry-After": "3"}, "Rate Limit Exceeded", 3),
        (403, {}, "userRateLimitExceeded", DEFAULT_PAUSE),
        (500, {}, "concurrency limit hit", DEFAULT_PAUSE),
    ],
)
def test_throttling_is_known_in_its_disguises(
    status: int, headers: dict[str, str], detail: str, seconds: float
) -> None:
    raised = error(status, detail, headers=headers)

    assert isinstance(raised, NotBefore)
    assert raised.retry_after == seconds
    assert not raised.maybe_sent


@pytest.mark.parametrize(
    ("status", "detail", "code"),
    [
        (400, "", "uniqueness"),
        (422, "userName has already been taken; already exists", ""),
        (500, "User already exists", ""),
        (409, "conflict", ""),
    ],
)
def test_a_taken_name_is_known_in_its_disguises(status: int, detail: str, code: str) -> None:
    assert isinstance(error(status, detail, code=code), RemoteExists)


@pytest.mark.parametrize("status", [404, 410])
def test_no_collection_at_the_address_is_a_wrong_setting(status: int) -> None:
    assert isinstance(error(status, on_object=False), ConnectorIsWrong)


def test_the_message_says_what_the_target_said_in_short() -> None:
    raised = error(400, "title\n  is " + "too long " * 100, code="invalidValue")

    assert str(raised).startswith(
        "PATCH https://t/Users/1 was answered 400 Bad Request (invalidValue: title is too long"
    )
    assert len(str(raised)) < 420
    assert raised.code == "invalidValue"


def test_a_rate_limit_that_stands_on_every_answer_is_no_refusal() -> None:
    """A gateway's 503 may come after the request was passed on."""
    raised = error(503, headers={"X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "40"})

    assert type(raised) is RetryLater
    assert raised.maybe_sent
