"""A service provider with a user store of its own works in that store and in no other."""

from __future__ import annotations

import dataclasses

import pytest

from connectors import EntityType
from idp.models import Group, User, UserStore
from provisioning.changes import (
    Accepted,
    Action,
    Change,
    Door,
    GroupData,
    InvalidValue,
    UserData,
)
from provisioning.intake import accept
from serviceproviders.models import ServiceProvider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def change(resident: ServiceProvider, staff: UserStore) -> Change:
    resident.user_store = staff
    resident.save()
    return Change(
        tenant=resident.tenant,
        service_provider=resident,
        door=Door.SCIM2,
        actor="caller",
        action=Action.CREATE,
        entity_type=EntityType.USER,
        user=UserData(name="kim"),
    )


def again(change: Change, name: str, accepted: Accepted, **fields: object) -> Accepted:
    return accept(
        dataclasses.replace(
            change,
            action=fields.pop("action", Action.UPDATE),  # type: ignore[arg-type]
            entity_id=accepted.entity_id,
            user=UserData(name=name),
            **fields,  # type: ignore[arg-type]
        )
    )


@pytest.mark.parametrize("name", ["kim", "PRIMARY/kim", "staff/kim"])
def test_its_store_replaces_whatever_prefix_a_name_has(change: Change, name: str) -> None:
    accept(dataclasses.replace(change, user=UserData(name=name)))

    assert User.objects.get().full_name == "STAFF/kim"


def test_a_bare_name_and_a_full_one_both_mean_the_same_person(change: Change) -> None:
    kim = accept(change)
    again(change, "kim.lee", kim)
    again(change, "STAFF/lee", kim)

    assert User.objects.get().full_name == "STAFF/lee"


@pytest.mark.parametrize("action", [Action.UPDATE, Action.DELETE])
def test_it_reaches_nobody_elsewhere(change: Change, action: Action) -> None:
    elsewhere = accept(dataclasses.replace(change, door=Door.CONSOLE))
    assert User.objects.get().full_name == "kim"

    with pytest.raises(InvalidValue, match="works in STAFF"):
        again(change, "kim", elsewhere, action=action)


@pytest.mark.parametrize("name", ["sales", "PRIMARY/sales", "staff/sales"])
def test_groups_follow_the_same_rule(change: Change, name: str) -> None:
    group = dataclasses.replace(
        change, entity_type=EntityType.GROUP, user=None, group=GroupData(name=name)
    )
    accept(group)
    elsewhere = accept(
        dataclasses.replace(group, door=Door.CONSOLE, group=GroupData(name="other"))
    )
    role = accept(dataclasses.replace(group, group=GroupData(name="Internal/admin")))

    names = {one.full_name for one in Group.objects.all()}
    assert names == {"STAFF/sales", "other", "Internal/admin"}
    for action in (Action.UPDATE, Action.DELETE):
        with pytest.raises(InvalidValue, match="works in STAFF"):
            accept(dataclasses.replace(group, action=action, entity_id=elsewhere.entity_id))
    # Roles belong to no store.
    accept(dataclasses.replace(group, action=Action.DELETE, entity_id=role.entity_id))


def test_without_a_store_of_its_own_the_prefix_decides(change: Change) -> None:
    change.service_provider.user_store = None
    for name in ("kim", "staff/kim", "OTHER/kim"):
        accept(dataclasses.replace(change, user=UserData(name=name)))

    where = {(user.store.domain, user.username) for user in User.objects.all()}
    assert where == {("PRIMARY", "kim"), ("STAFF", "kim"), ("PRIMARY", "OTHER/kim")}
