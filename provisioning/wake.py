"""Telling workers that there is something to do. Never delays a request, never fails.

The database is the truth: a wake-up that is lost costs one poll interval.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.db import transaction

from provisioning import publishing

WAKE_FD = "PURVEYOR_WAKE_FD"
"""The environment variable with the write end of the pipe to the worker child of `serve`."""


def wake(connectors: Iterable[uuid.UUID] = ()) -> None:
    """These connectors have something to send; without any, somebody has.

    Told once the transaction is committed; from outside of one, at once.
    """
    names = {str(connector) for connector in connectors} or {publishing.ANY}
    transaction.on_commit(partial(_tell, names), robust=True)


def _tell(connectors: set[str]) -> None:
    descriptor = os.environ.get(WAKE_FD)
    if descriptor is not None:
        # Full: a wake-up is waiting already. Closed: the worker polls.
        with contextlib.suppress(OSError, ValueError):
            os.write(int(descriptor), b"w")
    elif settings.CELERY_BROKER_URL:
        publishing.publish(connectors)
