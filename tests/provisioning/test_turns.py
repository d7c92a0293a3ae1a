"""On SQLite the writers of a process take turns; elsewhere nobody waits for anybody."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection

from provisioning import turns


class Deadlock(Exception):
    """As psycopg tells it."""

    sqlstate = "40P01"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="turns are for SQLite")
def test_one_writer_at_a_time() -> None:
    came: list[str] = []

    def second() -> None:
        with turns.turn():
            came.append("second")

    with turns.turn():
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.05)
        came.append("first")
    waiting.join(5)

    assert came == ["first", "second"]


def test_elsewhere_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "postgresql")

    with turns.turn(), turns.turn():
        assert not turns._turn.locked()


def test_a_broken_deadlock_is_tried_again() -> None:
    tries: list[int] = []

    def transaction(again: bool) -> str:
        assert again == bool(tries)
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("deadlock") from Deadlock()
        return "done"

    assert turns.run(transaction) == "done"
    assert len(tries) == 3


def test_any_other_error_is_not_hidden() -> None:
    def transaction(again: bool) -> None:
        raise OperationalError("disk full")

    with pytest.raises(OperationalError, match="disk full"):
        turns.run(transaction)
