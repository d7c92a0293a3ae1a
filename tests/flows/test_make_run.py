"""`make run`: one server that provisions 25 people, over HTTP, into a tenant of its own."""

from __future__ import annotations

import base64
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0


class Demo:
    """`manage.py demo` ; its output line by line."""

    def __init__(self, environment: dict[str, str], bind: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--bind", bind],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.said: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def wait_for(self, pattern: str) -> str:
        """The first line from here on that matches; what the pattern's group holds."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                pytest.fail(f"no line {pattern!r} in {self.said}")
            self.said.append(line)
            if match := re.search(pattern, line):
                return match[match.re.groups]

    def workers(self) -> list[int]:
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [
            int(child)
            for child in children
            if "--wake-fd" in Path(f"/proc/{child}/cmdline").read_text()
        ]


@contextmanager
def demo(environment: dict[str, str], bind: str) -> Iterator[Demo]:
    running = Demo(environment, bind)
    try:
        yield running
    finally:
        running.process.terminate()
        running.process.wait(PATIENCE)


def manage(environment: dict[str, str], *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments, "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def scim(url: str, credentials: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(  # noqa: S310 an address of our own
        url,
        data=json.dumps(body).encode() if body else None,
        headers={
            "Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}",
            "Content-Type": "application/scim+json",
        },
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 as above
        return json.loads(answer.read())


class World:
    """The demo's data directory, and what the target tenant holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "SECRET_KEY": os.environ["SECRET_KEY"],
            "PURVEYOR_SECRET_KEYS": os.environ["PURVEYOR_SECRET_KEYS"],
            "PURVEYOR_DATA_DIR": str(folder),
            "PURVEYOR_ALLOW_PRIVATE_TARGETS": "on",
        }

    def arrived(self, url: str, kind: str) -> dict[str, list[str]]:
        """The users or groups of the target by name, once nothing is under way."""
        told = manage(self.environment, "status", "--wait", str(int(PATIENCE)))
        assert (told["jobs"]["failed"], told["jobs"]["held"]) == (0, 0)
        return self.there(url, kind)

    def there(self, url: str, kind: str) -> dict[str, list[str]]:
        password = (self.folder / "demo-target-password").read_text().strip()
        credentials = f"provisioner@partner.example:{password}"
        found = scim(f"{url}t/partner.example/scim2/{kind}?count=100", credentials)
        name = "userName" if kind == "Users" else "displayName"
        return {
            entry[name]: [member["value"] for member in entry.get("members", [])]
            for entry in found["Resources"]
        }


def test_the_demo_arrives_survives_its_worker_and_changes_nothing_the_second_time(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    with demo(world.environment, "127.0.0.1:0") as first:
        url = first.wait_for("^URL: (.*)")
        assert first.wait_for("^User: (.*)") == "admin"
        password = first.wait_for("^Password: (.*)")

        assert len(world.arrived(url, "Users")) == 25
        groups = world.there(url, "Groups")
        assert set(groups) == {"engineering", "sales", "operations"}
        assert sum(len(members) for members in groups.values()) == 25

        [worker] = first.workers()
        os.kill(worker, signal.SIGKILL)
        first.wait_for("the worker ended.*starting it again")
        schema = "urn:ietf:params:scim:schemas:core:2.0:User"
        scim(
            f"{url}scim2/Users",
            f"admin:{password}",
            {"schemas": [schema], "userName": "newcomer"},
        )
        assert "newcomer" in world.arrived(url, "Users")

        [worker] = first.workers()
        first.process.terminate()
        assert first.process.wait(PATIENCE) == 0
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)

    assert (tmp_path / "admin-password").read_text().strip() == password
    assert (tmp_path / "admin-password").stat().st_mode & 0o777 == 0o600
    with demo(world.environment, url.removeprefix("http://").rstrip("/")) as second:
        assert second.wait_for("^Demo: (.*)") == "0 created, 0 changed, 34 unchanged"
        assert second.wait_for("^Password: (.*)") == password
