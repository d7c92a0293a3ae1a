"""The application of the guide, as it stands there, and somebody who signs in to it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_django.live_server_helper import LiveServer

from serviceproviders.models import ServiceProvider
from tests.fakes.openid import OpenIdProvider
from tests.flows.logins import application, corporate, openid

__all__ = ["application", "corporate", "openid"]

GUIDE = Path(__file__).parent.parent.parent / "docs" / "guides" / "sign-in-oidc.md"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("corporate")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def home(application: ServiceProvider, live_server: LiveServer, settings: Any) -> Iterator[str]:
    """The address of the application."""
    settings.PURVEYOR_BASE_URL = live_server.url
    port = free_port()
    application.redirect_uris = [f"http://127.0.0.1:{port}/callback"]
    application.save()
    [program] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    told = {"BASE": live_server.url, "PORT": str(port), "HR_SECRET": "hr-secret-123"}
    running = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, **told},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        running.kill()
        running.wait()


def reached(browser: requests.Session, url: str) -> requests.Response:
    ends = time.monotonic() + 20
    while True:
        try:
            return browser.get(url, timeout=20)
        except requests.ConnectionError:
            if time.monotonic() > ends:
                raise


def test_the_application_of_the_guide_says_hello(home: str, openid: OpenIdProvider) -> None:
    openid.person["groups"] = ["Sales"]
    with requests.Session() as browser:
        answer = reached(browser, home)

        assert answer.text == "Hello kim of ['sales']"
        forged = browser.get(f"{home}callback?code=x&state=y", timeout=20)
        assert forged.status_code == 403
