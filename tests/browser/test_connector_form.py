"""The form of a connector, in a real browser: what applies is shown, and files are uploaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from idp.models import IdentityProvider, OutboundConnector, Tenant
from provisioning import worker
from serviceproviders.tenants import resident_of
from tests.browser.conftest import Desk
from tests.factories import send_to
from tests.fakes.google import GoogleDirectory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def google() -> Iterator[GoogleDirectory]:
    with GoogleDirectory() as running:
        yield running


@pytest.fixture
def provider(tenant: Tenant) -> IdentityProvider:
    return IdentityProvider.objects.create(tenant=tenant, name="workspace")


@pytest.fixture
def without_scripts(browser: Browser, live_server: LiveServer, desk: Desk) -> Iterator[Desk]:
    """The same operator, in a browser that runs none."""
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(desk.page.context.cookies())
    yield Desk(context.new_page(), live_server.url)
    context.close()


def add_page(provider: IdentityProvider, kind: str) -> str:
    return reverse("admin:idp_outboundconnector_add") + f"?provider={provider.pk}&type={kind}"


def test_a_key_is_uploaded_and_people_go_to_google(
    desk: Desk, provider: IdentityProvider, google: GoogleDirectory, tmp_path: Path
) -> None:
    key = tmp_path / "project-4711.json"
    key.write_text(google.key_file)
    page = desk.page
    desk.go(add_page(provider, "google"))
    page.fill("[name=setting_domain]", google.domain)
    page.fill("[name=setting_admin_email]", google.admin)
    page.get_by_role("heading", name="Advanced settings").click()
    page.fill("[name=setting_base_url]", google.url)
    page.fill("[name=setting_token_uri]", f"{google.url}/token")

    page.click("#test-connection")
    expect(page.locator("#findings")).to_contain_text("Private key")
    page.set_input_files("input[type=file][name=setting_private_key]", key)
    page.click("#test-connection")
    expect(page.locator("#findings")).to_contain_text("users of acme.example can be read")
    expect(page.locator("#findings .pv-bad")).to_have_count(0)
    desk.save()
    connector = OutboundConnector.objects.get()
    send_to(resident_of(provider.tenant), connector)
    desk.go(reverse("admin:idp_user_add"))
    page.fill("input[name=username]", "kim")
    page.fill("input[name=family_name]", "Lee")
    desk.save()
    worker.run(once=True, threads=1)

    assert connector.settings["private_key"] == google.key_file
    user = google.user("kim@acme.example")
    assert user is not None
    assert user["name"]["familyName"] == "Lee"
    assert desk.complaints == []


def test_only_what_applies_is_shown(desk: Desk, provider: IdentityProvider) -> None:
    page = desk.page
    ways = {
        "basic": {"username", "password"},
        "bearer": {"access_token"},
        "api_key": {"api_key_header", "api_key"},
        "oauth2": {"token_endpoint", "client_id", "client_secret", "scope"},
        "none": set[str](),
    }
    desk.go(add_page(provider, "scim2"))

    for way, shown in ways.items():
        page.select_option("[name=setting_authentication]", way)
        for name in set[str]().union(*ways.values()):
            expect(page.locator(f"[name=setting_{name}]")).to_be_visible(visible=name in shown)

    assert desk.complaints == []


def test_what_is_refused_is_never_hidden(desk: Desk, provider: IdentityProvider) -> None:
    page = desk.page
    desk.go(add_page(provider, "scim2"))
    page.fill("[name=setting_user_endpoint]", "https://target.example/Users")
    page.select_option("[name=setting_authentication]", "oauth2")
    page.fill("[name=setting_token_endpoint]", "nowhere")
    page.select_option("[name=setting_authentication]", "none")
    desk.save()

    expect(page.locator("[name=setting_token_endpoint]")).to_be_visible()
    expect(page.get_by_text("must be a whole address")).to_be_visible()


def test_without_scripts_everything_is_there_with_its_condition(
    without_scripts: Desk, provider: IdentityProvider
) -> None:
    page = without_scripts.page
    without_scripts.go(add_page(provider, "salesforce"))

    page.get_by_role("heading", name="Advanced settings").click()
    expect(page.locator("input[type=file][name=setting_private_key]")).to_be_visible()
    expect(page.locator(".field-setting_private_key noscript")).to_be_visible()
    page.fill("[name=setting_api_version]", "v60.0")
    page.fill("[name=setting_domain_name]", "https://acme.my.salesforce.com")
    page.fill("[name=setting_client_id]", "app")
    page.select_option("[name=setting_grant]", "client_credentials")
    page.fill("[name=setting_client_secret]", "hush-4711")
    without_scripts.save()

    connector = OutboundConnector.objects.get()
    assert connector.settings["client_secret"] == "hush-4711"
