"""Telling a worker that there is something to do. Never delays a request, never fails.

The database is the truth: a wake-up that is lost costs one poll interval.
"""

from __future__ import annotations

import contextlib
import os

WAKE_FD = "PURVEYOR_WAKE_FD"
"""The environment variable with the write end of the pipe to the worker child of `serve`."""


def wake() -> None:
    descriptor = os.environ.get(WAKE_FD)
    if descriptor is None:
        return
    # A full pipe means that a wake-up is waiting already; a closed one that the worker polls.
    with contextlib.suppress(OSError, ValueError):
        os.write(int(descriptor), b"w")
