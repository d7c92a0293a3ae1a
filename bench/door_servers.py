"""The servers of `bench.door`: ours as `manage.py serve` runs it, and the peers beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from bench.setting import Setting

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench" / "peers"
TOKEN = "a-token-for-the-peers"
SECRET = "a-secret-for-the-client"
DJANGO_PEERS = ("django-scim2", "django-scim2-server")
IN_MEMORY = "scim2-server"
OURS, OURS_ALONE = "purveyor", "purveyor-one-process"
CONFIGURATION = {
    "version": 1,
    "tenants": [
        {
            "domain": "carbon.super",
            "identity_providers": [
                {
                    "name": "partner",
                    "connectors": [
                        {
                            "type": "scim2",
                            "settings": {
                                "user_endpoint": "http://127.0.0.1:9/Users",
                                "group_endpoint": "http://127.0.0.1:9/Groups",
                                "authentication": "none",
                            },
                        }
                    ],
                }
            ],
            "service_providers": [
                {
                    "name": "hr-portal",
                    "oauth_client": {
                        "client_id": "hr-portal",
                        "client_secret": SECRET,
                        "scopes": ["provisioning"],
                    },
                    "outbound": [{"identity_provider": "partner", "connector": "scim2"}],
                }
            ],
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    port: int
    base: str
    token: str

    def as_order(self) -> dict[str, Any]:
        return asdict(self)


def start(setting: Setting, stack: ExitStack) -> list[Server]:
    return [
        _ours(setting, stack, OURS, processes=2),
        *(_django_peer(setting, stack, name) for name in DJANGO_PEERS),
        _ours(setting, stack, OURS_ALONE, processes=1),
        Server(
            IN_MEMORY,
            _gunicorn(setting, stack, "peer_scim2_server", {}, processes=1),
            "/v2",
            TOKEN,
        ),
    ]


def _ours(setting: Setting, stack: ExitStack, name: str, *, processes: int) -> Server:
    folder = setting.folder / name
    folder.mkdir()
    (folder / "configuration.yaml").write_text(yaml.safe_dump(CONFIGURATION))
    environment = {
        **os.environ,
        "PURVEYOR_DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'purveyor.sqlite3'}",
        "PURVEYOR_ALLOW_PRIVATE_TARGETS": "on",
        "CELERY_BROKER_URL": "",
    }
    _run([sys.executable, "-m", "config.keys"], environment, ROOT)
    manage = [sys.executable, "manage.py"]
    _run([*manage, "migrate", "--verbosity", "0"], environment, ROOT)
    _run([*manage, "apply", str(folder / "configuration.yaml")], environment, ROOT)
    port = _free_port()
    options = ["--bind", f"127.0.0.1:{port}", "--workers", str(processes), "--threads", "4"]
    command = [*manage, "serve", "--no-worker", *options]
    _spawn(setting, stack, command, environment, ROOT, port)
    answer = requests.post(
        f"http://127.0.0.1:{port}/oauth2/token",
        {"grant_type": "client_credentials"},
        auth=("hr-portal", SECRET),
        timeout=30,
    )
    return Server(name, port, "/scim2", answer.json()["access_token"])


def _django_peer(setting: Setting, stack: ExitStack, name: str) -> Server:
    module = f"peer_{name.replace('-', '_')}"
    environment = {
        "PEER_DATABASE": str(setting.folder / f"{module}.sqlite3"),
        "DJANGO_SETTINGS_MODULE": f"{module}.settings",
    }
    migrate = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
    _run(migrate, _peer_environment(environment), PEERS)
    port = _gunicorn(setting, stack, f"{module}.wsgi", environment, processes=2)
    return Server(name, port, "/scim/v2", TOKEN)


def _gunicorn(
    setting: Setting,
    stack: ExitStack,
    application: str,
    environment: dict[str, str],
    *,
    processes: int,
) -> int:
    """A peer served just as `manage.py serve` serves ours."""
    port = _free_port()
    options = ["--worker-class", "gthread", "--threads", "4", "--workers", str(processes)]
    options += ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", *options, application]
    _spawn(setting, stack, command, _peer_environment(environment), PEERS, port)
    return port


def _peer_environment(own: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PEER_TOKEN": TOKEN, **own}


def _run(command: Sequence[str], environment: dict[str, str], folder: Path) -> None:
    subprocess.run(command, env=environment, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _spawn(
    setting: Setting,
    stack: ExitStack,
    command: Sequence[str],
    environment: dict[str, str],
    folder: Path,
    port: int,
) -> None:
    log = stack.enter_context((setting.folder / f"server-{port}.log").open("wb"))
    process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    stack.callback(_end, process)
    _wait(process, port)


def _wait(process: subprocess.Popen[bytes], port: int, seconds: float = 60.0) -> None:
    """Until it listens. Raises `RuntimeError`."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"no server came up at port {port}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
