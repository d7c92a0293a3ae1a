"""Publishing wake-ups: in a process of its own, since the broker is a setting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from provisioning import publishing
from tests.brokers import OwnRedis, black_hole, redis
from tests.chaos.site import ROOT, eventually

__all__ = ["black_hole", "redis"]

WAKE = """
import json, sys, threading, time, uuid
import django
django.setup()
from provisioning import publishing, wake
connectors = [uuid.UUID(text) for text in sys.argv[1:]]
import config.celery  # as `serve` does before it takes requests
took, pause, until = [], threading.Event(), time.monotonic() + 20
def told():
    return publishing.tally.published + publishing.tally.dropped
def wake_all():
    for connector in connectors:
        started = time.perf_counter()
        wake.wake([connector])
        took.append(time.perf_counter() - started)
wake_all()
while not told() and time.monotonic() < until:
    pause.wait(0.01)
busy = time.monotonic() + 1
while time.monotonic() < busy:
    wake_all()
    pause.wait(0.002)
pause.wait(0.2)
print(json.dumps({"took": took, **vars(publishing.tally)}))
"""
"""Wakes each connector some hundred times within a second, once the first is told."""


def wake(url: str, folder: Path, connectors: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", WAKE, *(str(uuid.uuid4()) for _ in range(connectors))],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": os.environ["SECRET_KEY"],
            "PURVEYOR_SECRET_KEYS": os.environ["PURVEYOR_SECRET_KEYS"],
            "PURVEYOR_DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "CELERY_BROKER_URL": url,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    told["log"] = done.stderr
    return told


def delayed_nobody(told: dict[str, Any]) -> bool:
    """Usually at once, and never as long as the broker is given: a busy machine may let any
    call wait a little for a processor, but not most of them, and not for seconds."""
    return median(told["took"]) < 0.005 and max(told["took"]) < publishing.TIMEOUT / 2


@pytest.mark.redis
def test_many_changes_are_few_wake_ups_for_each_connector(
    redis: OwnRedis, tmp_path: Path
) -> None:
    with closing(redis.client()) as client, closing(client.pubsub()) as listener:
        listener.psubscribe("*purveyor.wake*")
        eventually("subscribed", lambda: listener.get_message(timeout=1))
        told = wake(redis.url, tmp_path, connectors=2)

        heard = []
        while message := listener.get_message(timeout=0.2):
            heard.append(json.loads(message["data"])["headers"]["argsrepr"])

    assert len(heard) == told["published"]
    assert len(set(heard)) == 2
    assert told["dropped"] == 0
    assert len(heard) <= 2 * 26  # twenty rounds a second, and the first one
    assert delayed_nobody(told)
    assert redis.keys() == []


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_never_answers_is_told_once_and_delays_nobody(
    black_hole: int, tmp_path: Path, scheme: str
) -> None:
    told = wake(f"{scheme}://127.0.0.1:{black_hole}/0", tmp_path, connectors=3)

    assert told["published"] == 0
    assert told["dropped"] >= 1
    assert delayed_nobody(told)
    assert told["log"].count("takes no wake-ups") == 1


def test_a_broker_that_is_not_there_is_told_once_and_delays_nobody(tmp_path: Path) -> None:
    told = wake("amqp://127.0.0.1:1//", tmp_path, connectors=1)

    assert (told["published"], told["dropped"] >= 1) == (0, True)
    assert told["log"].count("takes no wake-ups") == 1
