"""The first page stays up to date while somebody looks at it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from idp.models import Tenant
from provisioning.models import Cause, Severity
from provisioning.notifications import Alarm, raise_alarms
from tests.browser.conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_happens_shows_without_a_reload(desk: Desk, tenant: Tenant) -> None:
    desk.page.clock.install()
    desk.go("/admin/")
    hand = desk.page.locator("#needs-a-hand")
    expect(hand).to_contain_text("Nothing.")

    alarm = Alarm(tenant, Cause.QUARANTINE, "b", Severity.CRITICAL, "A key was refused", "")
    raise_alarms([alarm])
    desk.page.clock.run_for(11_000)

    expect(hand).to_contain_text("A key was refused")
    hand.get_by_role("link", name="A key was refused").click()
    expect(desk.page.locator("h1, h2").first).to_be_visible()
