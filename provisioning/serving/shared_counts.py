"""Counts of several web processes as one, by the client library's files in a directory."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def share() -> None:
    """For this process and those it starts; before `prometheus_client` is imported.

    The directory is new each time and goes with this process. One that `kill -9` left
    behind is in the way of nobody.
    """
    owner = os.getpid()
    folder = Path(tempfile.mkdtemp(prefix="purveyor-metrics-"))
    os.environ[VARIABLE] = str(folder)

    def clean() -> None:
        # A forked process leaves by the same way.
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(clean)
