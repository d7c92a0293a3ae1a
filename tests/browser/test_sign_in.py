"""People sign in with a real browser, at identity providers that others wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from idp.models import IdentityProvider, JitSettings, Tenant, User
from provisioning import worker
from serviceproviders.models import ServiceProvider
from tests.browser.conftest import Desk
from tests.console import add_group
from tests.factories import make_connector, send_to
from tests.fakes.openid import CLIENT_ID, SECRET
from tests.fakes.openid_servers import canaille, oidc_provider
from tests.fakes.scim2 import Scim2Target
from tests.fakes.server import FakeServer, Reply, Request
from tests.flows.logins import configure, redeem
from tests.provisioning.inbound.calls import make_client

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GOOD = "correct horse battery"


class Application(FakeServer):
    """It waits for people at `/callback`."""

    def respond(self, request: Request) -> Reply:
        return Reply(200, body=b"<h1>Welcome to HR</h1>", content_type="text/html")

    @property
    def uri(self) -> str:
        return f"{self.url}/callback"


@pytest.fixture
def hr() -> Iterator[Application]:
    with Application() as running:
        yield running


@pytest.fixture(scope="session")
def node(live_server: LiveServer) -> Iterator[str]:
    with oidc_provider(live_server.url, "corporate") as issuer:
        yield issuer


@pytest.fixture(scope="session")
def canaille_running(live_server: LiveServer) -> Iterator[str]:
    with canaille(live_server.url, "corporate") as issuer:
        yield issuer


@pytest.fixture
def canaille_issuer(canaille_running: str) -> str:
    say(canaille_running, "Kim", ["Sales"])
    return canaille_running


def say(issuer: str, given_name: str, groups: list[str]) -> None:
    """What the identity provider tells of Kim from now on."""
    said = {"given_name": given_name, "groups": groups}
    assert requests.put(f"{issuer}/people/kim", json=said, timeout=10).status_code == 204


@pytest.fixture
def ready(
    tenant: Tenant,
    target: Scim2Target,
    hr: Application,
    live_server: LiveServer,
    settings: Settings,
) -> ServiceProvider:
    """Everything but the identity provider."""
    settings.PURVEYOR_BASE_URL = live_server.url
    portal = ServiceProvider.objects.create(
        tenant=tenant, name="hr-portal", redirect_uris=[hr.uri]
    )
    make_client(portal)
    send_to(portal, make_connector(tenant, target.settings), jit_outbound=True)
    add_group(tenant, "sales")
    return portal


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url)
    yield context.new_page()
    context.close()


def identity_provider(issuer: str, **jit: Any) -> None:
    class Server:
        settings = {"issuer": issuer, "client_id": CLIENT_ID, "client_secret": SECRET}

    scopes = ["openid", "profile", "email"]
    if issuer.startswith("http://localhost"):
        scopes.append("groups")
    configure(Server, jit=jit, settings={"scopes": scopes})


def begin(page: Page, hr: Application) -> None:
    query = f"service_provider=hr-portal&redirect_uri={hr.uri}&state=42"
    page.goto(f"/login/corporate/?{query}")


def at_node(page: Page, name: str) -> None:
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", "any")
    page.click("button[type=submit]")
    page.click("button[type=submit]")  # consent


def at_canaille(page: Page) -> None:
    page.fill("input[name=login]", "kim")
    page.keyboard.press("Enter")
    page.fill("input[name=password]", "letmein-123")
    page.keyboard.press("Enter")


def redeemed(page: Page, hr: Application, client: Any) -> Any:
    expect(page.get_by_role("heading", name="Welcome to HR")).to_be_visible()
    told = dict(parse_qsl(urlsplit(page.url).query))
    assert told["state"] == "42"
    answer = redeem(client, told["code"], redirect_uri=hr.uri)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.usefixtures("ready")
def test_a_person_of_canaille_is_made_here_and_at_the_target(
    page: Page, canaille_issuer: str, hr: Application, target: Scim2Target, client: Any
) -> None:
    identity_provider(canaille_issuer)
    begin(page, hr)
    at_canaille(page)

    told = redeemed(page, hr, client)

    assert (told["user"], told["created"], told["groups"]) == ("kim", True, ["sales"])
    worker.run(once=True, threads=1)
    assert [one["userName"] for one in target.users.values()] == ["kim"]


def at_anybody(page: Page, issuer: str, name: str) -> None:
    """canaille of pytest-iam knows whoever has signed in before, in any browser."""
    if not issuer.startswith("http://localhost"):
        at_node(page, name)
    elif page.url.startswith(issuer):
        at_canaille(page)


@pytest.mark.parametrize("kind", ["canaille_issuer", "node"])
def test_later_logins_follow_what_the_identity_provider_says(
    page: Page,
    ready: ServiceProvider,
    hr: Application,
    target: Scim2Target,
    client: Any,
    request: pytest.FixtureRequest,
    kind: str,
) -> None:
    """Changed claims arrive on both sides; a role that went takes the account away."""
    issuer = request.getfixturevalue(kind)
    IdentityProvider.objects.filter(connectors__isnull=False).update(
        provisioning_roles=["sales"]
    )
    identity_provider(issuer)
    begin(page, hr)
    at_anybody(page, issuer, "kim")
    assert redeemed(page, hr, client)["groups"] == ["sales"]
    worker.run(once=True, threads=1)
    assert len(target.users) == 1

    for name, groups in (("Kimberly", ["Sales"]), ("Kimmy", ["Guests"])):
        say(issuer, name, groups)
        begin(page, hr)  # signed in there still
        told = redeemed(page, hr, client)
        worker.run(once=True, threads=1)
        assert (told["user"], told["created"]) == ("kim", False)
        assert told["claims"]["http://wso2.org/claims/givenname"] == name
        there = [one["name"]["givenName"] for one in target.users.values()]
        assert there == ([name] if groups == ["Sales"] else [])
    assert told["groups"] == []


@pytest.mark.usefixtures("ready")
def test_a_person_of_oidc_provider_chooses_a_name_and_a_password(
    page: Page, node: str, hr: Application, client: Any
) -> None:
    identity_provider(node, prompt="username")
    begin(page, hr)
    at_node(page, "zoe")
    expect(page.get_by_role("heading", name="Make your account")).to_be_visible()
    shots(page, "prompt")

    page.get_by_label("User name").fill("zoe-l")
    page.get_by_label("Password for this account").fill("short")
    page.get_by_label("The same password again").fill("short")
    page.get_by_role("button", name="Agree and make my account").click()
    expect(page.get_by_text("too short")).to_be_visible()
    shots(page, "prompt-problem")
    page.get_by_label("Password for this account").fill(GOOD)
    page.get_by_label("The same password again").fill(GOOD)
    page.get_by_role("button", name="Agree and make my account").click()

    told = redeemed(page, hr, client)
    assert (told["user"], told["subject"], told["groups"]) == ("zoe-l", "zoe", ["sales"])

    page.goto("/login/corporate/logout/")
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()


@pytest.mark.usefixtures("ready")
def test_who_does_not_agree_is_not_made(page: Page, node: str, hr: Application) -> None:
    identity_provider(node, prompt="consent")
    begin(page, hr)
    at_node(page, "ann")

    page.get_by_role("button", name="I do not agree").click()

    expect(page.get_by_text("no account was made")).to_be_visible()
    assert not User.objects.exists()
    assert hr.count_requests() == 0


@pytest.mark.usefixtures("ready")
def test_a_target_that_decides_is_told_on_a_page(
    page: Page, node: str, hr: Application, ready: ServiceProvider, target: Scim2Target
) -> None:
    ready.outbound.update(blocking=True, on_blocking_failure="refuse")
    identity_provider(node)
    target.fail_next(400)
    begin(page, hr)
    at_node(page, "max")

    expect(page.get_by_role("heading", name="You cannot sign in just now")).to_be_visible()
    shots(page, "refused")
    assert not User.objects.exists()
    assert hr.count_requests() == 0


@pytest.mark.usefixtures("ready")
def test_an_operator_tries_it_from_the_console(desk: Desk, node: str) -> None:
    identity_provider(node)
    page = desk.page
    desk.go("/admin/idp/identityprovider/")
    page.get_by_role("link", name="corporate").first.click()
    page.get_by_role("link", name="Test login …").click()
    shots(page, "test")
    page.get_by_label("As if this application had sent you").select_option("hr-portal")
    page.get_by_role("button", name="Sign in there").click()
    at_node(page, "eve")

    expect(page.get_by_text("Somebody new:")).to_be_visible()
    expect(page.get_by_text("partner / scim2: create as eve")).to_be_visible()
    shots(page, "test-result")
    assert not User.objects.exists()
    assert JitSettings.objects.get().enabled
    assert [one for one in desk.complaints if one.startswith(desk.url)] == []


def shots(page: Page, name: str) -> None:
    """For who changes these pages: SHOTS=folder keeps what they look like."""
    import os

    if folder := os.environ.get("SHOTS"):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(folder) / f"{name}-{scheme}.png", full_page=True)
