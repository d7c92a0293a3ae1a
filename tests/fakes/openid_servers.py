"""OpenID providers that others wrote, each in a process of its own on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.openid import CLIENT_ID, SECRET

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NODE = HERE / "oidc_provider"
SAYS = "listening at "


@contextmanager
def canaille(base: str, name: str) -> Iterator[str]:
    """Its issuer. Kim signs in with the password `letmein-123`; `name` is ours for it."""
    env = {"BASE": f"{base}/login/{name}/", "AUTHLIB_INSECURE_TRANSPORT": "1"}
    with _running([sys.executable, "-m", "tests.fakes.canaille_server"], env, ROOT) as issuer:
        yield issuer


@contextmanager
def oidc_provider(base: str, name: str) -> Iterator[str]:
    """Its issuer. Skipped, or an error with CI=true, where it cannot be installed."""
    client = {
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "redirect_uris": [f"{base}/login/{name}/callback/"],
        "post_logout_redirect_uris": [f"{base}/login/{name}/signed-out/"],
        "scope": "openid profile email",
    }
    folder = _installed()
    with _running(["node", "server.mjs"], {"CLIENT": json.dumps(client)}, folder) as issuer:
        yield issuer


def _installed() -> Path:
    """What the lock names, once for each lock, under var/."""
    digest = hashlib.sha256()
    names = ("package.json", "package-lock.json", "server.mjs")
    for name in names:
        digest.update((NODE / name).read_bytes())
    folder = ROOT / "var" / "npm" / digest.hexdigest()[:16]
    if (folder / "node_modules").exists():
        return folder
    building = folder.with_name(f"{folder.name}.{os.getpid()}")
    building.mkdir(parents=True)
    for name in names:
        shutil.copy(NODE / name, building)
    try:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=building, check=True, capture_output=True, timeout=240)
        building.rename(folder)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(building, ignore_errors=True)
        if not folder.exists():  # otherwise another process was faster
            _missing(f"oidc-provider cannot be installed with npm: {error}")
    return folder


def _missing(why: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


@contextmanager
def _running(command: Sequence[str], env: Mapping[str, Any], folder: Path) -> Iterator[str]:
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith(SAYS):
                yield line.removeprefix(SAYS).strip()
                break
        else:
            raise AssertionError(f"{command} ended before it listened")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
