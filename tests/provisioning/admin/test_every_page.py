"""What holds on every page of the console, walked from the registry of pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from idp.console.base import TenantAdmin
from idp.models import Operator, OutboundConnector, Tenant
from tests.console import SECRET, World, sign_in

LISTS = [model for model in admin.site._registry if model is not Tenant]


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def change_pages(world: World) -> list[str]:
    return [url(type(row), "change", row.pk) for row in world.rows()]


def other_pages(world: World) -> list[tuple[str, str]]:
    """(method, address) of what can be done to the rows."""
    pages = [("post", url(type(row), "press", row.pk, "retire")) for row in world.rows()]
    pages += [("get", url(type(row), "delete", row.pk)) for row in world.rows()]
    test = reverse("admin:idp_outboundconnector_test", args=[world.connector.pk])
    remove = reverse("admin:idp_group_remove_member", args=[world.group.pk])
    new = url(OutboundConnector, "add") + f"?provider={world.provider.pk}&type=scim2"
    return [*pages, ("post", test), ("post", remove), ("get", new)]


def test_only_pages_that_know_their_tenant_are_in_the_console() -> None:
    assert all(isinstance(page, TenantAdmin) for page in admin.site._registry.values())


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model._meta.model_name)
def test_lists_show_the_tenants_rows_and_nobody_elses(
    console: Client, world: World, elsewhere: World, model: Any
) -> None:
    page = console.get(url(model, "changelist"))

    assert page.status_code == 200
    assert b"stranger" not in page.content
    if model is not Operator:
        assert b"kim" in page.content.lower()


def test_every_change_page_opens(console: Client, world: World) -> None:
    statuses = {page: console.get(page).status_code for page in change_pages(world)}

    assert set(statuses.values()) == {200}, statuses


def test_rows_of_another_tenant_do_not_exist(
    console: Client, world: World, elsewhere: World
) -> None:
    pages = change_pages(elsewhere)

    statuses = {page: console.get(page).status_code for page in pages}
    statuses |= {page: console.post(page, {}).status_code for page in pages}

    assert set(statuses.values()) == {404}, statuses


def test_nothing_can_be_done_to_rows_of_another_tenant(
    console: Client, world: World, elsewhere: World
) -> None:
    statuses = {
        page: getattr(console, method)(page, {"confirmed": 1}).status_code
        for method, page in other_pages(elsewhere)
    }

    # 403: what nobody may do, in any tenant.
    assert set(statuses.values()) == {403, 404}, statuses
    assert elsewhere.user.memberships.count() == 1


def test_choices_are_rows_of_the_tenant(
    console: Client, world: World, elsewhere: World
) -> None:
    for page in (world.resident, world.provider, world.application):
        shown = console.get(url(type(page), "change", page.pk)).content.lower()
        assert b"stranger" not in shown


def test_no_page_shows_a_secret(console: Client, world: World) -> None:
    pages = [*change_pages(world), *(url(model, "changelist") for model in LISTS)]

    assert [page for page in pages if SECRET in console.get(page).content.decode()] == []


def test_viewers_see_everything_and_change_nothing(tenant: Tenant, world: World) -> None:
    viewer = sign_in(tenant, "vera", role="viewer")

    seen = {page: viewer.get(page).status_code for page in change_pages(world)}
    written = {page: viewer.post(page, {}).status_code for page in change_pages(world)}
    pressed = {
        page: viewer.post(page, {"confirmed": 1}).status_code
        for method, page in other_pages(world)
        if method == "post"
    }

    assert set(seen.values()) == {200}, seen
    assert set(written.values()) == {403}, written
    assert set(pressed.values()) <= {403, 404}, pressed
    world.provider.refresh_from_db()
    assert world.provider.retired_at is None


def test_operators_work_on_people_but_not_on_the_configuration(
    tenant: Tenant, world: World
) -> None:
    operator = sign_in(tenant, "otto", role="operator")

    for row in (world.provider, world.connector, world.application, world.store):
        assert operator.post(url(type(row), "change", row.pk), {}).status_code == 403
    for person in (world.user, world.group):
        # The form comes back, with what is missing.
        assert operator.post(url(type(person), "change", person.pk), {}).status_code == 200


def test_anonymous_visitors_are_asked_to_sign_in(world: World) -> None:
    for page in [*change_pages(world), reverse("admin:index"), reverse("admin:switch_tenant")]:
        answer = Client().get(page)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("admin:login"))
