from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from provisioning.serving.child import PATIENCE
from tests.deploy.reading import DEPLOY, ROOT, settings_known

UNITS = DEPLOY / "systemd"
GRACE = 30
"""Seconds that gunicorn gives to requests under way (`graceful_timeout`)."""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units, as if the checkout were where they look for it."""
    if shutil.which("systemd-analyze") is None:
        message = "no systemd-analyze on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    # Programs have to exist: python by its place here, celery as installed by the lock.
    for unit in folder.rglob("*.*"):
        if unit.is_file():
            unit.write_text(unit.read_text().replace("/opt/purveyor", str(ROOT)))
    return folder


def analyze(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment: Mapping[str, str] = {**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"}
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def verify(folder: Path) -> str:
    """Everything systemd has to say against the units."""
    names = [unit.name.replace("@.", "@1.") for unit in folder.iterdir() if unit.is_file()]
    units = [f"./{name}" for name in names if not name.endswith(".example")]
    done = analyze(folder, "verify", "--man=no", *units)
    return done.stdout + done.stderr + ("" if done.returncode == 0 else "refused")


def value(unit: str, name: str) -> str:
    found = re.findall(rf"^{name}=(.*)$", (UNITS / unit).read_text(), re.MULTILINE)
    assert len(found) == 1
    return str(found[0])


def test_systemd_finds_nothing_wrong(installed: Path) -> None:
    assert verify(installed) == ""


def test_systemd_would_find_a_misspelt_setting(installed: Path) -> None:
    web = installed / "purveyor-web.service"
    web.write_text(web.read_text().replace("TimeoutStopSec", "TimeoutStoppSec"))

    assert "TimeoutStoppSec" in verify(installed)


@pytest.mark.parametrize(
    "unit", ["purveyor-web", "purveyor-worker@1", "purveyor-migrate", "purveyor-prune"]
)
def test_every_service_is_shut_in(installed: Path, unit: str) -> None:
    """The common drop-in reaches each of them; systemd's own measure is 10 for unprotected."""
    done = analyze(
        installed, "security", "--offline=true", "--threshold=25", f"./{unit}.service"
    )

    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@pytest.mark.parametrize("unit", ["purveyor-web.service", "purveyor-worker@.service"])
def test_there_is_time_to_finish_what_is_under_way(unit: str) -> None:
    assert int(value(unit, "TimeoutStopSec")) > GRACE + PATIENCE
    assert value(unit, "KillMode") == "mixed"


def test_the_environment_file_names_settings_that_exist() -> None:
    text = (UNITS / "purveyor.env.example").read_text()

    assert set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)) <= settings_known()
