"""A real browser on a running console. Skipped, and said so, where there is no Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from idp.models import Tenant
from tests.factories import make_operator
from tests.fakes.scim2 import Scim2Target

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
]
PASSWORD = "letmein-123"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Playwright runs an event loop in this thread; Django is told that we know."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CHROMIUM} is not there")
        pytest.skip(f"{CHROMIUM} is not there")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@dataclass
class Desk:
    """An operator's screen. `complaints` is what the browser said in its console."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def save(self) -> None:
        with self.page.expect_navigation():
            self.page.click("button[name=_save]")

    def sign_in(self, name: str) -> None:
        self.go("/admin/")
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", PASSWORD)
        with self.page.expect_navigation():
            self.page.click("button[type=submit]")


@pytest.fixture
def desk(
    browser: Browser, transactional_db: None, live_server: LiveServer, tenant: Tenant
) -> Iterator[Desk]:
    """Signed in as an administrator of the root tenant."""
    make_operator(tenant, "ops", PASSWORD)
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    desk = Desk(context.new_page(), live_server.url)
    desk.page.on("console", desk.note)
    desk.page.on("pageerror", lambda error: desk.complaints.append(str(error)))
    desk.sign_in("ops")
    yield desk
    context.close()


@pytest.fixture
def target() -> Iterator[Scim2Target]:
    with Scim2Target() as running:
        yield running
