from __future__ import annotations

import threading
import time

from provisioning.delivery.returns import Returns

LONG = 30.0


def test_what_has_come_is_taken_in_its_order() -> None:
    returns: Returns[int] = Returns()
    for number in range(3):
        returns.put(number)

    assert returns.take(1, LONG) == [0, 1, 2]
    assert returns.empty()


def test_nothing_is_what_comes_when_the_time_is_over() -> None:
    returns: Returns[int] = Returns()

    assert returns.take(1, 0.01) == []


def test_the_reader_waits_until_there_is_enough() -> None:
    returns: Returns[int] = Returns()

    def write() -> None:
        for number in range(100):
            returns.put(number)

    writer = threading.Thread(target=write)
    writer.start()
    taken = returns.take(100, LONG)
    writer.join()

    assert taken == list(range(100))


def test_urgent_pieces_and_the_bell_end_the_waiting() -> None:
    returns: Returns[str] = Returns()
    started = time.monotonic()
    for speak in (lambda: returns.put("now", urgent=True), returns.ring):
        threading.Timer(0.01, speak).start()
        taken = returns.take(100, LONG)

        assert taken in (["now"], [])
    assert time.monotonic() - started < LONG


def test_a_bell_rung_before_is_heard() -> None:
    returns: Returns[str] = Returns()
    started = time.monotonic()
    returns.ring()

    assert returns.take(5, LONG) == []
    assert time.monotonic() - started < LONG
