"""Writers of one process take turns on SQLite, which has one writer at a time.

Its own waiting is polling with growing sleeps, so that among many threads the unlucky one
waits for seconds; a lock hands the turn on at once. Other databases need no turns.
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext

from django.db import connection

_turn = threading.Lock()


def turn() -> AbstractContextManager[object]:
    return _turn if connection.vendor == "sqlite" else nullcontext()
