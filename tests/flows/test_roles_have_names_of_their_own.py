"""Each identity provider calls roles as it likes: what one is told never shows at the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from idp.models import IdentityProvider, Tenant, UserStore
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
ROLE = "http://wso2.org/claims/role"


@pytest.fixture
def targets() -> Iterator[list[Scim2Target]]:
    with Scim2Target() as one, Scim2Target() as two, Scim2Target() as three:
        yield [one, two, three]


def connect(
    resident: ServiceProvider, target: Scim2Target, name: str, **columns: Any
) -> IdentityProvider:
    connector = make_connector(resident.tenant, target.settings, name=name)
    send_to(resident, connector)
    provider = connector.provider
    for column, value in {"claim_dialect": "custom", **columns}.items():
        setattr(provider, column, value)
    provider.save()
    provider.claim_mappings.create(remote="roles", local=ROLE)
    provider.claim_mappings.create(
        remote="title", order=1, expression="groups.exists(g, g == 'sales') ? 'yes' : 'no'"
    )
    return provider


def names(target: Scim2Target) -> list[str]:
    return sorted(group["displayName"] for group in target.groups.values())


def roles(target: Scim2Target) -> list[str]:
    [user] = target.users.values()
    return [role["value"] for role in user.get("roles", ())]


def test_one_mapping_does_not_leak_into_the_next(
    resident: ServiceProvider, targets: list[Scim2Target], deliver: Step
) -> None:
    first = connect(resident, targets[0], "a")
    first.role_mappings.create(local="sales", remote="Verkauf")
    first.role_mappings.create(local="Internal/admin", remote="Chef")
    second = connect(resident, targets[1], "b", unmapped_roles="drop")
    second.role_mappings.create(local="sales", remote="Ventes")
    connect(resident, targets[2], "c")
    store = Store(resident)
    sales, admin = store.add_group("sales"), store.add_group("Internal/admin")
    store.add_group("support")
    kim = store.add_user("kim", join=["sales", "Internal/admin"])
    deliver()

    assert [names(target) for target in targets] == [
        ["Verkauf", "support"],
        ["Ventes"],
        ["sales", "support"],
    ]
    assert [roles(target) for target in targets] == [
        ["Chef", "Verkauf"],
        ["Ventes"],
        ["Internal/admin", "sales"],
    ]
    # Expressions see the names that groups have here, whatever they are called there.
    titles = [user["title"] for target in targets for user in target.users.values()]
    assert titles == ["yes", "yes", "yes"]
    assert all(len(members(target)) == 1 for target in targets)

    store.set_group(sales.entity_id, name="vertrieb")
    deliver()
    assert [names(target) for target in targets] == [
        ["support", "vertrieb"],
        ["Ventes"],
        ["support", "vertrieb"],
    ]
    store.delete_user(kim.entity_id)
    store.delete_group(admin.entity_id)
    deliver()
    assert [target.users for target in targets] == [{}, {}, {}]


def members(target: Scim2Target) -> list[Any]:
    return [member for group in target.groups.values() for member in group.get("members", ())]


def test_groups_of_two_user_stores_have_their_own_names(
    resident: ServiceProvider,
    tenant: Tenant,
    staff: UserStore,
    targets: list[Scim2Target],
    deliver: Step,
) -> None:
    provider = connect(resident, targets[0], "a")
    provider.role_mappings.create(local="STAFF/sales", remote="Sales of staff")
    store = Store(resident)
    store.add_group("sales")
    store.add_group("STAFF/sales")
    deliver()

    assert names(targets[0]) == ["Sales of staff", "sales"]
