"""Changing an identity provider's provisioning roles in the console: said first, then done."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from idp.models import INTERNAL, IdentityProvider, OutboundConnector, Tenant, UserStore
from provisioning.models import LinkState, ProvisionedEntity, Reconsideration, Whom
from serviceproviders.models import OutboundTarget
from serviceproviders.tenants import resident_of
from tests.console import SETTINGS, add_group, add_user, sign_in
from tests.factories import make_connector, send_to
from tests.idp.test_admin_configuration import form, page_of, rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def row(tenant: Tenant) -> OutboundTarget:
    return send_to(resident_of(tenant), make_connector(tenant, SETTINGS))


@pytest.fixture
def provider(tenant: Tenant, row: OutboundTarget) -> IdentityProvider:
    """Three of staff and one guest are there; another guest is not."""
    UserStore.objects.get_or_create(tenant=tenant, domain=INTERNAL)
    people = {name: add_user(tenant, name).pk for name in ("s1", "s2", "s3", "g1", "g2")}
    add_group(tenant, "Internal/staff", add=[people[name] for name in ("s1", "s2", "s3")])
    add_group(tenant, "Internal/guests", add=[people[name] for name in ("g1", "g2")])
    for name in ("s1", "s2", "s3", "g1"):
        ProvisionedEntity.objects.create(
            tenant=tenant,
            connector=row.connector,
            target=row,
            entity_type="user",
            entity_id=people[name],
            entity_name=name,
            remote_id=name,
            remote_name=name,
            name_key=name,
            state=LinkState.LINKED,
            created=row.connector.created,
            updated=row.connector.created,
        )
    row.provider.provisioning_roles = ["Internal/staff"]
    row.provider.save()
    return row.provider


def counted(answer: Any) -> list[tuple[str, int, int]]:
    return [
        (str(one.connector), one.created, one.withdrawn) for one in answer.context["effects"]
    ]


def test_the_numbers_are_said_and_nothing_is_stored_before_it_is_confirmed(
    console: Client, provider: IdentityProvider
) -> None:
    said = console.post(page_of(provider), form(provisioning_roles="Internal/guests"))

    assert counted(said) == [("partner/scim2", 1, 3)]
    assert "off: all go at once" in said.content.decode()
    provider.refresh_from_db()
    assert provider.provisioning_roles == ["Internal/staff"]
    assert not Reconsideration.objects.exists()

    posted = dict(said.context["posted"])
    console.post(page_of(provider), {**posted, "roles_agreed": "1"})

    provider.refresh_from_db()
    assert provider.provisioning_roles == ["Internal/guests"]
    asked = Reconsideration.objects.get()
    assert (asked.whom, asked.lists) == (Whom.ENTITLED, [["Internal/staff"]])
    assert asked.actor.startswith("ops")


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ("Internal/staff\nInternal/guests", (1, 0)),
        ("", (1, 0)),
        ("Internal/nobody", (0, 4)),
    ],
)
def test_what_each_list_would_do(
    console: Client, provider: IdentityProvider, roles: str, expected: tuple[int, int]
) -> None:
    said = console.post(page_of(provider), form(provisioning_roles=roles))

    assert counted(said) == [("partner/scim2", *expected)]


def test_the_guard_is_named(console: Client, provider: IdentityProvider) -> None:
    OutboundConnector.objects.update(guard_max_percent=5)

    said = console.post(page_of(provider), form(provisioning_roles="Internal/guests"))

    assert "5 %" in said.content.decode()


def test_nothing_is_asked_where_nobody_moves(
    console: Client, provider: IdentityProvider
) -> None:
    ProvisionedEntity.objects.filter(entity_name="g1").delete()

    answer = console.post(
        page_of(provider), form(provisioning_roles="Internal/staff\nInternal/none")
    )

    assert answer.status_code == 302
    provider.refresh_from_db()
    assert provider.provisioning_roles == ["Internal/staff", "Internal/none"]


def test_other_changes_ask_nothing_and_move_nobody(
    console: Client, provider: IdentityProvider
) -> None:
    answer = console.post(
        page_of(provider), form(provisioning_roles="Internal/staff", description="new")
    )

    assert answer.status_code == 302
    assert not Reconsideration.objects.exists()


def test_another_role_mapping_has_groups_looked_at(
    console: Client, provider: IdentityProvider
) -> None:
    mapping = rows("role_mappings", {"local": "sales", "remote": "Sales"})
    console.post(page_of(provider), form(mapping, provisioning_roles="Internal/staff"))

    assert Reconsideration.objects.get().whom == Whom.GROUPS


def test_viewers_are_not_asked(tenant: Tenant, provider: IdentityProvider) -> None:
    viewer = sign_in(tenant, "viewer", role="viewer")

    answer = viewer.post(page_of(provider), form(provisioning_roles="Internal/guests"))

    assert answer.status_code == 403
