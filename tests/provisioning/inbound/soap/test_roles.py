"""Roles and groups, which are one thing on this wire."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors import EntityType
from idp.models import Group, Membership, UserStore
from provisioning.changes import Accepted, Action, Change, Door, UserData
from provisioning.intake import accept_all
from serviceproviders.models import ServiceProvider
from tests.provisioning.inbound.soap.clients import Zeep

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(soap: Zeep) -> None:
    for name in ("kim", "lee", "zoe"):
        soap("addUser", name, None, [], [], None, None)


@pytest.mark.usefixtures("people")
def test_members_are_given_and_taken_in_one_step(soap: Zeep) -> None:
    soap("addRole", "sales", ["kim", "lee", "KIM"], [])
    assert soap("getUserListOfRole", "sales") == ["kim", "lee"]
    version = Group.objects.get().version

    soap("updateUserListOfRole", "SALES", ["kim"], ["zoe"])

    assert soap("getUserListOfRole", "sales") == ["lee", "zoe"]
    assert Group.objects.get().version == version + 1
    for gone, new, told in (
        (["kim", "nobody"], ["kim"], "deletedUsers: there is no user nobody"),
        (["lee"], ["nobody"], "newUsers: there is no user nobody"),
        (["lee"], ["LEE"], "newUsers: somebody cannot be both"),
    ):
        assert told in soap.fault("updateUserListOfRole", "sales", gone, new).message
    assert soap("getUserListOfRole", "sales") == ["lee", "zoe"]


@pytest.mark.usefixtures("people")
def test_many_members_cost_a_query_for_some_hundred(
    soap: Zeep, resident: ServiceProvider
) -> None:
    changes = [
        Change(
            tenant=resident.tenant,
            service_provider=resident,
            door=Door.IMPORT,
            actor="ops",
            action=Action.CREATE,
            entity_type=EntityType.USER,
            user=UserData(name=f"p{n:04}"),
        )
        for n in range(1_100)
    ]
    assert all(isinstance(one, Accepted) for one in accept_all(changes))
    everybody = [f"P{n:04}" for n in range(1_100)]

    with CaptureQueriesContext(connection) as few:
        soap("addRole", "few", ["kim"], [])
    with CaptureQueriesContext(connection) as many:
        soap("addRole", "many", [*everybody, "kim"], [])

    assert len(many) < len(few) + 20
    assert len(soap("getUserListOfRole", "many")) == 1_101
    told = soap.fault("updateUserListOfRole", "many", [*everybody, "nobody"], [])
    assert "deletedUsers: there is no user nobody" in told.message


@pytest.mark.usefixtures("people")
def test_the_roles_of_a_user_are_given_and_taken(soap: Zeep) -> None:
    for role in ("a", "b", "Internal/c", "d"):
        soap("addRole", role, [], [])
    soap("updateRoleListOfUser", "kim", [], ["a", "b"])

    soap("updateRoleListOfUser", "kim", ["a", "d"], ["Internal/c", "", "Internal/c"])

    assert soap("getRoleListOfUser", "kim") == ["Internal/c", "b"]
    for gone, new, told in (
        (["b"], ["nothing"], "newRoles: there is no role nothing"),
        (["nothing"], ["d"], "deletedRoles: there is no role nothing"),
        (["b"], ["B"], "newRoles: a role cannot be both"),
    ):
        assert told in soap.fault("updateRoleListOfUser", "kim", gone, new).message
    assert soap("getRoleListOfUser", "kim") == ["Internal/c", "b"]


@pytest.mark.usefixtures("people")
def test_a_renamed_role_keeps_its_store_and_its_members(soap: Zeep, staff: UserStore) -> None:
    soap("addRole", "STAFF/sales", ["kim"], [])
    soap("addRole", "Internal/boss", [], [])

    soap("updateRoleName", "STAFF/sales", "selling")
    soap("updateRoleName", "Internal/boss", "Internal/chief")

    assert soap("getRoleNames") == ["Internal/chief", "STAFF/selling"]
    assert soap("getHybridRoles") == ["Internal/chief"]
    assert soap("getUserListOfRole", "STAFF/selling") == ["kim"]
    moved = soap.fault("updateRoleName", "STAFF/selling", "PRIMARY/selling")
    assert "cannot move from STAFF to PRIMARY" in moved.message
    soap("addRole", "STAFF/other", [], [])
    assert "is taken" in soap.fault("updateRoleName", "STAFF/other", "Selling").message


@pytest.mark.parametrize(
    ("operation", "given", "told"),
    [
        ("addRole", ["sales", [], []], "roleName sales is taken"),
        ("addRole", ["", [], []], "roleName: is required"),
        ("addRole", [" ", [], []], "roleName: is required"),
        ("addRole", ["new", ["nobody"], []], "userList: there is no user nobody"),
        ("addRole", ["x" * 256, [], []], "roleName: a name has 1 to 255"),
        ("deleteRole", ["nothing"], "roleName: there is no role nothing"),
        ("updateRoleName", ["nothing", "x"], "roleName: there is no role nothing"),
        ("updateRoleName", ["sales", None], "newRoleName: is required"),
        ("updateUserListOfRole", ["nothing", [], []], "there is no role nothing"),
        ("getUserListOfRole", ["nothing"], "there is no role nothing"),
    ],
)
def test_what_is_wrong_is_said(soap: Zeep, operation: str, given: list[Any], told: str) -> None:
    soap("addRole", "sales", [], [])

    assert told in soap.fault(operation, *given).message
    assert soap("getRoleNames") == ["sales"]


def test_permissions_mean_nothing_and_strictly_are_refused(
    soap: Zeep, resident: ServiceProvider
) -> None:
    permission = {"action": "ui.execute", "resourceId": "/permission/admin/login"}
    soap("addRole", "sales", [], [permission])
    assert soap("isExistingRole", "sales") is True
    resident.strict = True
    resident.save()

    refused = soap.fault("addRole", "other", [], [permission])

    assert "permissions: roles carry no permissions here" in refused.message
    assert soap("getRoleNames") == ["sales"]


@pytest.mark.usefixtures("people")
def test_a_deleted_role_leaves_its_members(soap: Zeep) -> None:
    soap("addRole", "sales", ["kim"], [])
    soap("deleteRole", "sales")

    assert soap("isExistingRole", "sales") is False
    assert soap("isExistingUser", "kim") is True
    assert not Membership.objects.exists()
