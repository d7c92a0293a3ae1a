"""On SQLite the writers of a process take turns; elsewhere nobody waits for anybody."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from provisioning import turns


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
