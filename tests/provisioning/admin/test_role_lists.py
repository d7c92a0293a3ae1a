"""Another list of provisioning roles: how many it moves is said before it does."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from idp.models import INTERNAL, IdentityProvider, Tenant, UserStore
from provisioning.models import Reconsideration, Whom
from tests.console import World, add_group, add_user, sign_in
from tests.idp.test_admin_configuration import form


def page_of(provider: IdentityProvider) -> str:
    return reverse("admin:idp_identityprovider_change", args=[provider.pk])


def post(console: Client, provider: IdentityProvider, roles: str, **more: Any) -> Any:
    values = form(name=provider.name, provisioning_roles=roles, **more)
    return console.post(page_of(provider), values)


def test_the_numbers_come_first_and_nothing_is_saved(
    console: Client, tenant: Tenant, world: World
) -> None:
    UserStore.objects.get_or_create(tenant=tenant, domain=INTERNAL)
    add_group(tenant, "Internal/sales")
    for name in ("ann", "bo"):
        add_user(tenant, name, join=["Internal/sales"])

    answer = post(console, world.provider, "Internal/sales")

    text = answer.content.decode()
    assert "<strong>2</strong> accounts would be made" in text
    assert "<strong>1</strong> account would be withdrawn" in text  # kim, who is linked
    world.provider.refresh_from_db()
    assert world.provider.provisioning_roles == []
    assert not Reconsideration.objects.exists()


def test_agreed_to_it_is_saved_and_everybody_is_planned_again(
    console: Client, world: World
) -> None:
    answer = post(console, world.provider, "Internal/sales", roles_agreed="1")

    assert answer.status_code == 302
    world.provider.refresh_from_db()
    assert world.provider.provisioning_roles == ["Internal/sales"]
    [asked] = Reconsideration.objects.all()
    assert (asked.connector, asked.whom) == (world.connector, Whom.EVERYBODY)


def test_other_changes_are_saved_without_a_question(console: Client, world: World) -> None:
    answer = post(console, world.provider, "", display_name="Partner & Sons")

    assert answer.status_code == 302
    assert not Reconsideration.objects.exists()


def test_viewers_are_not_asked(tenant: Tenant, world: World) -> None:
    viewer = sign_in(tenant, "viewer", role="viewer")

    assert post(viewer, world.provider, "Internal/sales").status_code == 403
