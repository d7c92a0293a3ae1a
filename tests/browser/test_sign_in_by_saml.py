"""A login by SAML 2.0 in a real browser: another site posts, and cookies stay at home."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from idp.models import Authenticator, IdentityProvider, Tenant, User
from tests.browser.conftest import Desk
from tests.fakes.saml.provider import SamlProvider

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def idp() -> Iterator[SamlProvider]:
    """At 127.0.0.1, which is another site than the localhost that we are at."""
    with SamlProvider() as running:
        yield running


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Of somebody who is no operator."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_an_operator_sets_it_up_and_somebody_signs_in(
    desk: Desk,
    page: Page,
    idp: SamlProvider,
    tenant: Tenant,
    live_server: LiveServer,
    settings: Settings,
) -> None:
    settings.PURVEYOR_BASE_URL = live_server.url
    provider = IdentityProvider.objects.create(tenant=tenant, name="corporate")
    file = idp.folder / "metadata.xml"
    file.write_text(idp.metadata)

    desk.go(reverse("admin:idp_identityprovider_change", args=[provider.pk]))
    expect(desk.page.locator("[name=authenticator-0-setting_issuer]")).to_be_hidden()
    desk.page.select_option("[name=authenticator-0-setting_type]", "saml")
    expect(desk.page.locator("[name=authenticator-0-setting_entity_id]")).to_be_visible()
    expect(desk.page.locator("[name=authenticator-0-setting_issuer]")).to_be_hidden()
    desk.page.set_input_files("input[type=file][name=authenticator-0-setting_metadata]", file)
    desk.page.check("[name=jit-0-enabled]", force=True)
    desk.save()
    assert Authenticator.objects.get().settings["metadata"] == idp.metadata

    desk.go(reverse("admin:idp_identityprovider_change", args=[provider.pk]))
    expect(desk.page.locator("#signing-in")).to_contain_text("/login/corporate/acs/")
    told = page.request.get(f"{live_server.url}/login/corporate/metadata/")
    idp.know(told.text())

    page.goto(f"{live_server.url}/login/corporate/")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in as kim").click()

    expect(page.locator("body")).to_contain_text("signed in")
    assert User.objects.get().username == "kim"
    assert desk.complaints == []
