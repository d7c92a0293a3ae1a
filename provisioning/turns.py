"""Getting along with other writers.

SQLite has one writer at a time, and waits by polling with growing sleeps, so that among
many threads the unlucky one waits for seconds: a lock hands the turn on at once. Other
databases let writers run side by side and break deadlocks by ending one of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection

_turn = threading.Lock()

TRIES = 4
BROKEN = {"40P01", "40001", "23503"}
"""PostgreSQL's words for a transaction it ended for the sake of another: a deadlock, a
conflict, a row that was pointed at and deleted meanwhile. The next try sees what is left."""


Done = TypeVar("Done")


def run(transaction: Callable[[bool], Done]) -> Done:
    """Run a whole transaction in its turn, and again when the database broke a deadlock.

    It is told whether it runs again: then what it was given may be out of date.
    """
    for attempt in range(TRIES - 1):
        try:
            with turn():
                return transaction(attempt > 0)
        except (OperationalError, IntegrityError) as error:
            if getattr(error.__cause__, "sqlstate", None) not in BROKEN:
                raise
    with turn():
        return transaction(True)


def turn() -> AbstractContextManager[object]:
    return _turn if connection.vendor == "sqlite" else nullcontext()
