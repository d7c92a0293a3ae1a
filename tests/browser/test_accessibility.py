"""Every page is for everybody: nothing serious that axe-core finds by WCAG 2.2 AA, in light
and in dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from idp.models import Authenticator, Tenant
from provisioning.models import AuditEvent, Cause, Job, ProvisionedEntity, Severity
from provisioning.notifications import Alarm, raise_alarms
from tests import npm
from tests.browser.conftest import Desk
from tests.console import World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FIND = """async rules => {
  const found = await axe.run(document, {runOnly: rules});
  return found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes.map(node => node.html.slice(0, 200)).join(" | ")}`);
}"""
DARK = """dark => document.querySelector("[x-data]")
  && document.documentElement.classList.toggle("dark", dark)"""
"""The console's theme is a switch; other pages follow the browser."""
OTHERS = (
    "index",
    "why",
    "dead_letters",
    "idp_user_add",
    "idp_group_add",
    "idp_identityprovider_add",
    "serviceproviders_serviceprovider_add",
    "idp_operator_add",
    "provisioning_notification_preferences",
    "password_change",
)


@pytest.fixture(scope="module")
def axe() -> str:
    folder = npm.installed(Path(__file__).parent / "axe")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture
def world(tenant: Tenant) -> World:
    """With something on every list."""
    world = make_world(tenant, "kim")
    raise_alarms([Alarm(tenant, Cause.GUARD, "k", Severity.WARNING, "Removals wait", "")])
    return world


def console(world: World) -> list[str]:
    models = [model for model in admin.site._registry if model is not Tenant]
    pages = [_url(model, "changelist") for model in models]
    rows: list[Any] = [*world.rows()]
    rows += [model.objects.first() for model in (Job, AuditEvent, ProvisionedEntity)]
    pages += [_url(type(row), "change", row.pk) for row in rows if row is not None]
    return pages + [reverse(f"admin:{name}") for name in OTHERS]


def _url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def wrong(desk: Desk, axe: str, pages: list[str]) -> list[str]:
    found = []
    for page in pages:
        desk.go(page)
        desk.page.evaluate(axe)
        for dark in (False, True):
            desk.page.emulate_media(color_scheme="dark" if dark else "light")
            desk.page.evaluate(DARK, dark)
            told = desk.page.evaluate(FIND, RULES)
            found += [f"{page} ({'dark' if dark else 'light'}): {one}" for one in told]
    return found


def test_the_console(desk: Desk, world: World, axe: str) -> None:
    assert wrong(desk, axe, console(world)) == []


def test_the_pages_of_people(desk: Desk, world: World, axe: str) -> None:
    """Who signs in meets these, before there is anybody to tell what is in the way."""
    row = Authenticator(provider=world.provider, type="oidc")
    row.settings = {"issuer": "https://idp.example", "client_id": "us"}
    row.save()
    name = world.provider.name
    pages = ["/login/", f"/login/{name}/callback/?state=none", "/login/nobody/", "/nowhere/"]
    assert wrong(desk, axe, pages) == []
