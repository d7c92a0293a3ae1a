"""What an operator does the day after something failed, in a real browser."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from idp.models import OutboundConnector, Tenant, User
from provisioning import worker
from provisioning.models import Job, ProvisionedEntity, State
from serviceproviders.tenants import resident_of
from tests.browser.conftest import Desk
from tests.console import add_user
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TOO_LONG = {"detail": "title must have at most 20 characters", "scimType": "invalidValue"}


@pytest.fixture
def connector(tenant: Tenant, target: Scim2Target) -> OutboundConnector:
    connector = make_connector(tenant, target.settings, on_conflict="hold")
    send_to(resident_of(tenant), connector)
    return connector


def refused(tenant: Tenant, target: Scim2Target, *names: str) -> None:
    """People whom the target does not take."""
    for name in names:
        target.fail_next(400, document=TOO_LONG)
        add_user(tenant, name, document={"title": "x" * 21, "name": {"givenName": name}})
        worker.run(once=True, threads=1)


def deliver() -> None:
    worker.run(once=True, threads=2)


def test_a_cause_is_mended_and_its_letters_are_sent_again(
    desk: Desk, tenant: Tenant, target: Scim2Target, connector: OutboundConnector
) -> None:
    refused(tenant, target, "kim", "lee", "max")
    page = desk.page
    desk.go("/admin/")
    page.get_by_role("link", name="Dead letters").click()
    expect(page.get_by_text("Shorten it at the person")).to_be_visible()
    page.get_by_role("button", name="Retry all 3").click()
    page.get_by_role("button", name="Retry all 3").click()
    expect(page.get_by_text("3 queued again").first).to_be_visible()
    expect(page.get_by_text("No dead letters")).to_be_visible()

    deliver()
    assert sorted(user["userName"] for user in target.users.values()) == ["kim", "lee", "max"]
    assert desk.complaints == []


def test_one_letter_is_edited_and_sent_once_with_that(
    desk: Desk, tenant: Tenant, target: Scim2Target, connector: OutboundConnector
) -> None:
    refused(tenant, target, "kim", "lee")
    page = desk.page
    desk.go(reverse("admin:dead_letters"))
    page.get_by_role("link", name="create lee").click()
    page.get_by_role("button", name="Edit and retry").click()
    page.get_by_label("title", exact=True).fill("Chief")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Retry with this value").click()
    expect(page.locator("#edits")).to_contain_text("Chief")

    deliver()
    lee = target.user("lee")
    assert lee is not None
    assert lee["title"] == "Chief"
    page.reload()
    assert desk.complaints == []


def test_an_account_is_linked_by_hand_and_unlinked(
    desk: Desk, tenant: Tenant, target: Scim2Target, connector: OutboundConnector
) -> None:
    there = target.add_user("kim", emails=[{"value": "kim@corp.example", "primary": True}])
    user = add_user(tenant, "kim", document={"title": "Dr"})
    deliver()
    page = desk.page
    desk.go("/admin/")
    page.get_by_role("link", name="Conflicts").click()
    expect(page.get_by_text(there["id"])).to_be_visible()
    page.get_by_role("link", name="kim").first.click()
    page.get_by_role("button", name="Link by hand").click()
    page.get_by_label("Its id or name there").fill(there["id"])
    page.get_by_role("button", name="Look it up").click()
    expect(page.get_by_text("kim@corp.example")).to_be_visible()
    page.get_by_role("button", name="Link, and go on").click()
    deliver()
    assert Job.objects.get().state == State.DONE

    desk.go(reverse("admin:idp_user_change", args=[user.pk]))
    page.locator("#whereabouts code").click()
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_text("stays at the target as it is")).to_be_visible()
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_text("are unlinked")).to_be_visible()

    assert not ProvisionedEntity.objects.exists()
    assert target.user("kim") is not None
    assert User.objects.filter(pk=user.pk).exists()
    assert desk.complaints == []
