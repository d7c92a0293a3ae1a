"""One installation as real processes: `serve`, workers, their logs; started and killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests

from tests.chaos import migrated
from tests.chaos.migrated import ROOT

MANAGE = (sys.executable, "manage.py")
PATIENCE = 60.0
PASSWORD, SECRET = "chaos-pass-4711", "chaos-secret-4711"


def eventually(what: str, holds: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait until `holds` answers something true, and give that. AssertionError if not."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (answer := holds()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        pause.wait(0.05)
    return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """A process group that can be killed as a whole and started again; output to a file."""

    def __init__(
        self, name: str, command: tuple[str, ...], environment: Mapping[str, str], log: Path
    ) -> None:
        self.name, self.command, self.environment = name, command, dict(environment)
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self, *, group: bool = True) -> None:
        """kill -9, of the first process only or of all it has started."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL) if group else self.process.kill()
        self.process.wait(PATIENCE)

    def freeze(self) -> None:
        """It keeps its connections and takes new ones, and says nothing."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        if self.running():
            assert self.process is not None
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
        self.kill()

    def children(self, mark: str = "") -> list[int]:
        """Its child processes, those whose command line has (or, `-mark`, lacks) the mark."""
        with suppress(OSError):
            told = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            lacks, mark = mark.startswith("!"), mark.removeprefix("!")
            return [pid for pid in map(int, told) if (mark in _command_line(pid)) != lacks]
        return []


def _command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


class Site:
    """An installation in a folder: its environment, its web server, its commands."""

    def __init__(self, folder: Path, *, web: int = 2, **environment: str) -> None:
        self.folder = folder
        self.bind = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.bind}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "SECRET_KEY": os.environ["SECRET_KEY"],
            "PURVEYOR_SECRET_KEYS": os.environ["PURVEYOR_SECRET_KEYS"],
            "PURVEYOR_DATA_DIR": str(folder),
            "PURVEYOR_BIND": self.bind,
            "PURVEYOR_ALLOW_PRIVATE_TARGETS": "on",
            "CHAOS_PASSWORD": PASSWORD,
            "CHAOS_SECRET": SECRET,
            **environment,
        }
        self.serve = self.program("serve", *MANAGE, "serve", "--workers", str(web))
        self.programs = [self.serve]

    def program(self, name: str, *command: str, **environment: str) -> Program:
        return Program(
            name, command, {**self.environment, **environment}, self.folder / f"{name}.log"
        )

    def add(self, program: Program) -> Program:
        self.programs.append(program)
        return program

    def manage(self, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MANAGE, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
        )

    def prepare(self, settings: Mapping[str, Any]) -> None:
        """Configure it to send everybody to one target."""
        self.configure(configuration(settings))

    def configure(self, tree: Mapping[str, Any]) -> None:
        """Apply a configuration to a migrated database: that of `DATABASE_URL`, or a new
        SQLite file."""
        if "DATABASE_URL" not in self.environment:
            shutil.copy(migrated.sqlite(), self.folder / migrated.FILE)
        file = self.folder / "chaos.json"
        file.write_text(json.dumps(tree))
        done = self.manage("apply", str(file))
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        for program in self.programs:
            program.start()
        self.wait_until_serving()

    def wait_until_serving(self) -> None:
        eventually("serving", self.serving)

    def serving(self) -> bool:
        # Orphans of the one before may still hold the port for a moment, and even answer: it
        # is served by this one when it has listened, and so has web processes of its own.
        if not self.serve.running():
            self.serve.start()
        with suppress(requests.RequestException):
            requests.get(f"{self.url}/scim2/ServiceProviderConfig", timeout=5)
            return bool(self.serve.children("!--wake-fd"))
        return False

    def stop(self) -> None:
        for program in reversed(self.programs):
            program.stop()

    def token(self) -> str:
        answer = requests.post(
            f"{self.url}/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=("chaos", SECRET),
            timeout=30,
        )
        return str(answer.json()["access_token"])

    def status(self, wait: int = 0) -> Any:
        waiting = ("--wait", str(wait)) if wait else ()
        done = self.manage("status", "--json", *waiting, seconds=wait + 60)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def metrics(self) -> str:
        return requests.get(f"{self.url}/metrics", timeout=30).text

    def logs(self, lines: int = 40) -> str:
        files = sorted(self.folder.glob("*.log"))
        return "\n".join(
            f"--- {file.name}\n" + "\n".join(file.read_text().splitlines()[-lines:])
            for file in files
        )


def configuration(settings: Mapping[str, Any]) -> dict[str, Any]:
    row = {"identity_provider": "partner", "connector": "scim2"}
    client = {"client_id": "chaos", "client_secret": {"env": "CHAOS_SECRET"}}
    operator = {
        "username": "chaos",
        "password": {"env": "CHAOS_PASSWORD"},
        "role": "operator",
        "use_doors": True,
    }
    connector = {"type": "scim2", "settings": dict(settings)}
    return {
        "version": 1,
        "tenants": [
            {
                "domain": "carbon.super",
                "operators": [operator],
                "identity_providers": [{"name": "partner", "connectors": [connector]}],
                "service_providers": [
                    {"name": "resident", "outbound": [row]},
                    {"name": "chaos", "oauth_client": client, "outbound": [row]},
                ],
            }
        ],
    }
