"""What an operator does on the first day, in a real browser."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import expect

from idp.models import OutboundConnector, Tenant, User
from provisioning import worker
from tests.browser.conftest import Desk
from tests.console import make_world
from tests.fakes.scim2 import Scim2Target

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def add_identity_provider(desk: Desk) -> None:
    page = desk.page
    expect(page.get_by_text("Getting the first account to a target")).to_be_visible()
    page.get_by_role("link", name="Add an identity provider").click()
    page.fill("input[name=name]", "partner")
    page.click("text=Add another Role mapping")
    page.fill("input[name=role_mappings-0-local]", "sales")
    page.fill("input[name=role_mappings-0-remote]", "Sales")
    desk.save()


def add_connector(desk: Desk, target: Scim2Target) -> None:
    """Tested with a wrong password, then with the right one, before it is saved."""
    page = desk.page
    page.get_by_role("link", name="Add connector").click()
    page.get_by_role("link", name="SCIM 2.0").click()
    page.fill("input[name=setting_user_endpoint]", target.users_endpoint)
    page.fill("input[name=setting_username]", target.username)
    page.fill("input[name=setting_password]", "wrong")
    page.click("#test-connection")
    expect(page.locator("#findings .pv-bad").first).to_be_visible()
    page.fill("input[name=setting_password]", target.password)
    page.click("#test-connection")
    expect(page.locator("#findings .pv-bad")).to_have_count(0)
    expect(page.locator("#findings .pv-good").first).to_be_visible()
    desk.save()


def add_outbound_row(desk: Desk) -> None:
    page = desk.page
    desk.go(reverse("admin:serviceproviders_serviceprovider_changelist"))
    page.get_by_role("link", name="Resident").click()
    page.click("text=Add another Outbound row")
    page.select_option("select[name=outbound-0-connector]", label="partner/scim2")
    desk.save()


def add_person(desk: Desk) -> None:
    page = desk.page
    desk.go(reverse("admin:idp_user_add"))
    page.fill("input[name=username]", "kim")
    page.fill("input[name=family_name]", "Lee")
    page.fill("textarea[name=emails]", "kim@example.org")
    with page.expect_navigation():
        page.click("button[name=_continue]")
    expect(page.get_by_text("partner/scim2 queued")).to_be_visible()
    expect(page.locator("#whereabouts")).to_contain_text("pending")


def test_from_an_empty_console_to_an_account_at_a_target(
    desk: Desk, target: Scim2Target
) -> None:
    add_identity_provider(desk)
    add_connector(desk, target)
    assert OutboundConnector.objects.get().settings["password"] == target.password
    add_outbound_row(desk)
    add_person(desk)

    worker.run(once=True, threads=1)
    desk.page.reload()

    place = desk.page.locator("#whereabouts")
    expect(place).to_contain_text("linked")
    place.get_by_role("link", name="create").click()
    expect(desk.page.get_by_text("Attempt 1")).to_be_visible()
    expect(desk.page.locator(".pv-exchange").last).to_contain_text("POST")
    assert target.user("kim") is not None
    assert desk.complaints == []


def test_deleting_a_person_asks_first(desk: Desk, tenant: Tenant) -> None:
    world = make_world(tenant, "kim")
    desk.go(reverse("admin:idp_user_change", args=[world.user.pk]))

    desk.page.get_by_role("link", name="Delete user").click()
    assert User.objects.exists()
    desk.page.get_by_role("button", name="Delete").click()

    expect(desk.page.get_by_text("kim was deleted.")).to_be_visible()
    assert not User.objects.exists()


def test_no_page_breaks_the_content_security_policy(desk: Desk, tenant: Tenant) -> None:
    world = make_world(tenant, "kim")
    names = [
        f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for model in admin.site._registry
        if model is not Tenant
    ]
    pages = [reverse(f"{name}_changelist") for name in names]
    pages += [
        reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        for row in world.rows()
    ]
    pages += [
        reverse(f"admin:{name}")
        for name in (
            "index",
            "idp_user_add",
            "idp_identityprovider_add",
            "serviceproviders_serviceprovider_add",
            "idp_operator_add",
            "password_change",
        )
    ]

    for page in pages:
        desk.go(page)
        desk.page.wait_for_function("window.Alpine !== undefined")

    assert desk.complaints == []
