from __future__ import annotations

import logging
import os
import subprocess
import sys
import time

from django.conf import settings

from provisioning.wake import WAKE_FD

log = logging.getLogger(__name__)

SLOWEST = 30.0
STEADY = 60.0
PATIENCE = 40.0
"""Seconds a worker gets to finish what is under way: longer than a request may take."""


class WorkerChild:
    """One `manage.py worker`, started again when it dies, woken through a pipe.

    The write end of the pipe belongs to the web processes; when the last of them is gone,
    however that came about, the pipe closes and the worker ends by itself.
    """

    def __init__(self) -> None:
        self.read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        os.environ[WAKE_FD] = str(write_end)
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.pause = 1.0

    def keep(self) -> None:
        """Start it unless it runs; called about every second."""
        now = time.monotonic()
        if self.process is None:
            self._start(now)
            return
        if self.process.poll() is None:
            return
        if now - self.started > STEADY:
            self.pause = 1.0
        if now - self.started < self.pause:
            return
        log.warning("the worker ended (%s); starting it again", self.process.returncode)
        self.pause = min(self.pause * 2, SLOWEST)
        self._start(now)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self) -> None:
        """Until it has finished what was under way; in the end without it."""
        if self.process is None:
            return
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _start(self, now: float) -> None:
        self.started = now
        environment = {k: v for k, v in os.environ.items() if k != WAKE_FD}
        manage = str(settings.BASE_DIR / "manage.py")
        self.process = subprocess.Popen(  # noqa: S603 our own command
            [sys.executable, manage, "worker", "--wake-fd", str(self.read_end)],
            env=environment,
            pass_fds=(self.read_end,),
        )
