"""Changing an identity provider's provisioning roles moves people, by way of the guard."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.models import INTERNAL, OutboundConnector, UserStore
from provisioning import reconsidering
from provisioning.configuration import apply
from provisioning.models import Job, Reconsideration, State
from provisioning.reconsidering import choosing
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


@pytest.fixture
def list_roles(deliver: Step) -> Callable[..., None]:
    """Apply a file that lists these roles, and let a worker follow."""

    def list_roles(*roles: str) -> None:
        provider = {"name": "partner", "provisioning_roles": list(roles)}
        tenant = {"domain": "carbon.super", "identity_providers": [provider]}
        apply({"version": 1, "tenants": [tenant]}, actor="ops")
        while reconsidering.work():
            pass
        deliver()

    return list_roles


@pytest.fixture
def staff_and_guests(row: OutboundTarget, store: Store) -> None:
    UserStore.objects.get_or_create(tenant=store.service_provider.tenant, domain=INTERNAL)
    for name in ("staff", "guests"):
        store.add_group(f"Internal/{name}")
    for n in range(4):
        store.add_user(f"staff-{n}", join=["Internal/staff"])
        store.add_user(f"guest-{n}", join=["Internal/guests"])


def names(target: Scim2Target) -> list[str]:
    return sorted(user["userName"] for user in target.users.values())


@pytest.mark.usefixtures("staff_and_guests")
def test_who_holds_none_of_the_roles_is_withdrawn_and_who_holds_one_is_made(
    row: OutboundTarget, target: Scim2Target, deliver: Step, list_roles: Callable[..., None]
) -> None:
    deliver()
    list_roles("Internal/staff")
    assert names(target) == [f"staff-{n}" for n in range(4)]

    list_roles("Internal/guests")
    assert names(target) == [f"guest-{n}" for n in range(4)]

    list_roles()
    assert len(names(target)) == 8
    assert not Reconsideration.objects.exists()


@pytest.mark.usefixtures("staff_and_guests")
def test_the_guard_holds_what_a_changed_list_would_take_away(
    row: OutboundTarget, target: Scim2Target, deliver: Step, list_roles: Callable[..., None]
) -> None:
    deliver()
    OutboundConnector.objects.update(guard_max_count=1)
    list_roles("Internal/staff")

    assert len(names(target)) == 7
    assert Job.objects.filter(state=State.HELD).count() == 3

    list_roles("Internal/staff", "Internal/guests")

    assert len(names(target)) == 8
    assert not Job.objects.filter(state=State.HELD).exists()


@pytest.mark.usefixtures("staff_and_guests")
def test_it_goes_on_where_it_stopped(
    row: OutboundTarget, target: Scim2Target, deliver: Step, list_roles: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    deliver()
    monkeypatch.setattr(choosing, "BATCH", 3)
    list_roles("Internal/guests")

    assert names(target) == [f"guest-{n}" for n in range(4)]
