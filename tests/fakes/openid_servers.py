"""OpenID providers that others wrote, each in a process of its own on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import npm
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
    folder = npm.installed(NODE)
    with _running(["node", "server.mjs"], {"CLIENT": json.dumps(client)}, folder) as issuer:
        yield issuer


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
