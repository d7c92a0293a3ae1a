"""`CELERY_BROKER_URL` is checked at the start, and its password is told to nobody."""

from __future__ import annotations

import pytest

from config import broker


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis://127.0.0.1:6379/15",
        "redis://:secret@redis/0",
        "rediss://user:secret@redis.example:6380",
        "amqp://guest:guest@127.0.0.1:5672//",
        "amqps://user:secret@rabbit.example/purveyor",
        "amqp://user:secret@one//;amqp://user:secret@two//",
    ],
)
def test_brokers_that_workers_can_listen_to_are_taken(url: str) -> None:
    assert broker.checked(url) == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqs://key:hunter2@", "not with “sqs”"),
        ("hunter2", "not with what stands there"),
        ("redis://:hunter2@redis/jobs", "the number of a Redis database"),
        ("redis://:hunter2@redis:port/0", "cannot be read"),
        ("amqp://user:hunter2@/", "needs a host"),
        ("amqp://user:secret@one//;kafka://:hunter2@two", "not with “kafka”"),
    ],
)
def test_others_end_the_process_with_one_sentence(
    url: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        broker.checked(url)

    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith("CELERY_BROKER_URL: ")
    assert why in said
    assert said.count("\n") == 1
    assert "hunter2" not in said
