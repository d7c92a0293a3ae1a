"""`.env.example` is complete: it names what the settings read, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from config import keys

ROOT = Path(__file__).parent.parent
READ_BY_COMMANDS = {"ADMIN_PASSWORD"}
FOR_TESTS = {"PURVEYOR_TEST_DATABASE_NAME"}


def values() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_it_names_every_setting_and_no_other() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code)) | set(keys.NAMES)

    assert set(values()) == (read - FOR_TESTS) | READ_BY_COMMANDS


def test_the_settings_load_with_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={**values(), "DJANGO_SETTINGS_MODULE": "config.settings", "PATH": "/usr/bin"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stderr) == (0, "")
