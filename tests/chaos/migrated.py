"""Databases are migrated once for each process of the test run, and copied from then on."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE = "purveyor.sqlite3"


@cache
def sqlite() -> Path:
    """A migrated file, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate(f"sqlite:///{folder / FILE}")
    return folder / FILE


def migrate(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "SECRET_KEY": os.environ["SECRET_KEY"],
                "PURVEYOR_SECRET_KEYS": os.environ["PURVEYOR_SECRET_KEYS"],
                "PURVEYOR_DATA_DIR": folder,
                "DATABASE_URL": url,
            },
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stdout + done.stderr
