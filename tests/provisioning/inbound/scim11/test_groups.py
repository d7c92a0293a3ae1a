"""Groups through the SCIM 1.1 door: members by id, added and taken out."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from provisioning.inbound.scim2 import groups
from tests.provisioning.inbound.scim11.conftest import CORE, Scim1, described


@pytest.fixture
def people(scim: Scim1) -> list[str]:
    return [scim.make_user(name, displayName=name.title())["id"] for name in ("kim", "lee")]


def members(group: dict[str, Any]) -> list[str]:
    return [one["value"] for one in group.get("members", ())]


def test_a_group_lives_with_its_members(scim: Scim1, people: list[str]) -> None:
    kim, lee = people
    created = scim(
        "POST",
        "/Groups",
        {"schemas": [CORE], "displayName": "sales", "members": [{"value": kim}]},
    )
    assert created.status == 201
    group = created.body
    assert group["schemas"] == [CORE]
    assert group["members"] == [{"value": kim, "type": "User", "display": "Kim"}]
    assert "resourceType" not in group["meta"]
    assert scim("GET", f"/Users/{kim}").body["groups"] == [
        {"value": group["id"], "display": "sales", "type": "direct"}
    ]

    path = f"/Groups/{group['id']}"
    both = scim.partial(
        path,
        displayName="sales",
        members=[{"value": lee, "display": "lee"}, {"value": kim, "operation": "delete"}],
    )
    assert both.status == 200
    assert members(both.body) == [lee]
    renamed = scim.partial(path, displayName="crew", externalId="g-1").body
    assert (renamed["displayName"], renamed["externalId"]) == ("crew", "g-1")
    assert members(renamed) == [lee]

    replaced = scim("PUT", path, {"displayName": "crew", "members": [{"value": kim}]}).body
    assert members(replaced) == [kim]
    assert "externalId" not in replaced
    emptied = scim.partial(
        path, meta={"attributes": ["members"]}, members=[{"value": kim, "operation": "delete"}]
    ).body
    assert members(emptied) == []
    swapped = scim.partial(path, meta={"attributes": ["members"]}, members=[{"value": lee}])
    assert members(swapped.body) == [lee]

    assert scim("DELETE", path).status == 200
    assert scim("GET", path).status == 404
    assert "groups" not in scim("GET", f"/Users/{lee}").body


def test_what_was_so_already_moves_no_version(scim: Scim1, people: list[str]) -> None:
    group = scim.make_group("sales", people)

    same = scim.partial(
        f"/Groups/{group['id']}",
        displayName="sales",
        members=[{"value": people[0]}, {"value": str(uuid.uuid4()), "operation": "delete"}],
    )

    assert same.body["meta"]["version"] == group["meta"]["version"]


def test_a_large_group_is_not_told_whole_after_a_patch(
    scim: Scim1, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "ANSWERED_MEMBERS", 1)
    path = f"/Groups/{scim.make_group('sales', people)['id']}"

    answer = scim.partial(path, displayName="crew")
    assert (answer.status, answer.body) == (204, {})
    assert "ETag" in answer.headers


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({}, 400, "displayName"),
        ({"displayName": " "}, 400, "displayName"),
        ({"displayName": "SALES"}, 409, "displayName"),
        ({"displayName": "x", "members": [{"value": str(uuid.UUID(int=7))}]}, 400, "members"),
        ({"displayName": "x", "members": [{"value": "kim"}]}, 400, "members"),
        ({"displayName": "x", "members": [{"display": "kim"}]}, 400, "members"),
        ({"displayName": "x", "members": [{"value": "x", "type": "Group"}]}, 400, "members"),
    ],
)
def test_what_is_wrong_is_named(
    scim: Scim1, body: dict[str, Any], status: int, named: str
) -> None:
    scim.make_group("sales")

    answer = scim("POST", "/Groups", body)

    assert answer.status == status
    assert named in described(answer)


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ({"meta": {"attributes": ["displayName"]}}, "displayName"),
        ({"meta": {"attributes": ["shoe"]}}, "shoe"),
        ({"displayName": ""}, "displayName"),
        ({"members": [{"value": str(uuid.UUID(int=7))}]}, "members"),
        ({"members": [{"operation": "delete"}]}, "members"),
        ({"members": [{"value": str(uuid.UUID(int=7)), "operation": "x"}]}, "members"),
    ],
)
def test_what_a_patch_cannot_do_is_named(
    scim: Scim1, attributes: dict[str, Any], named: str
) -> None:
    path = f"/Groups/{scim.make_group('sales')['id']}"

    answer = scim.partial(path, **attributes)

    assert answer.status == 400
    assert named in described(answer)
