"""Starting our own processes, on data of their own, and ending them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0


def environment(folder: Path, database_url: str = "", **more: str) -> dict[str, str]:
    """The environment of an installation under `folder`; nothing of the caller's gets in."""
    ours = {
        "SECRET_KEY": "for-the-benches-only-" + "x" * 40,
        "PURVEYOR_SECRET_KEYS": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "PURVEYOR_ALLOW_PRIVATE_TARGETS": "on",
        "PURVEYOR_DATA_DIR": str(folder),
        "PURVEYOR_LOG_LEVEL": "WARNING",
        "DATABASE_URL": database_url or f"sqlite:///{folder / 'purveyor.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    return {**kept, **ours, **more}


def python(*arguments: str, env: Mapping[str, str]) -> str:
    """Run to the end; what it printed. Raises with its stderr when it fails."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=dict(env), capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-3000:]}")
    return done.stdout


def manage(*arguments: str, env: Mapping[str, str]) -> str:
    return python("manage.py", *arguments, env=env)


@contextmanager
def running(
    *arguments: str, env: Mapping[str, str], log: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A Python process, told to stop at the end; stderr goes to `log`."""
    with (log or Path(os.devnull)).open("a") as stderr:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=dict(env),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        try:
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout:
        process.stdout.close()


def wait_for(
    what: str, holds: Callable[[], bool], *, seconds: float = PATIENCE, every: float = 0.05
) -> None:
    """Until it holds. Looks seldom enough not to disturb what is measured."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(every)
