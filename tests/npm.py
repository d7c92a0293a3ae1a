"""What tests take from npm: installed from the lock, once for each lock, under var/."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def installed(source: Path) -> Path:
    """A copy of the folder with its node_modules. Skipped, or an error with CI=true, where it
    cannot be installed."""
    digest = hashlib.sha256()
    files = sorted(one for one in source.iterdir() if one.is_file())
    for file in files:
        digest.update(file.read_bytes())
    folder = ROOT / "var" / "npm" / f"{source.name}-{digest.hexdigest()[:16]}"
    if (folder / "node_modules").exists():
        return folder
    building = folder.with_name(f"{folder.name}.{os.getpid()}")
    building.mkdir(parents=True)
    for file in files:
        shutil.copy(file, building)
    try:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=building, check=True, capture_output=True, timeout=240)
        building.rename(folder)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(building, ignore_errors=True)
        if not folder.exists():  # otherwise another process was faster
            _missing(f"{source.name} cannot be installed with npm: {error}")
    return folder


def _missing(why: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)
