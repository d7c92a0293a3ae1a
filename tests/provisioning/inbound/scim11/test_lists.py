"""Finding people and groups through the SCIM 1.1 door."""

from __future__ import annotations

import pytest

from serviceproviders.models import ServiceProvider
from tests.provisioning.inbound.scim11.conftest import (
    CORE,
    ENTERPRISE,
    WSO2,
    Scim1,
    described,
)


@pytest.fixture
def people(scim: Scim1) -> dict[str, str]:
    made = {}
    for number, name in enumerate(("ann", "bob", "cho", "dee")):
        given = {
            "title": f"T{number}",
            "emails": [{"value": f"{name}@acme.example", "type": "work"}],
            "active": number % 2 == 0,
            ENTERPRISE: {
                "employeeNumber": str(number),
                "manager": {"managerId": str(number // 2)},
            },
        }
        made[name] = scim.make_user(name, **given)["id"]
    return made


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('userName eq "BOB"', ["bob"]),
        ('USERNAME EQ "bob"', ["bob"]),
        (f'{CORE}:userName eq "bob"', ["bob"]),
        ("userName Eq bob", ["bob"]),
        ("userName pr", ["ann", "bob", "cho", "dee"]),
        ('userName co "b"', ["bob"]),
        ('userName sw "c"', ["cho"]),
        ('title gt "T1"', ["cho", "dee"]),
        ('title ge "T1" and title lt "T3"', ["bob", "cho"]),
        ('title le "T0"', ["ann"]),
        ('emails eq "dee@acme.example"', ["dee"]),
        ('emails.value sw "a"', ["ann"]),
        ('(userName eq "ann" or userName eq "bob") and active eq true', ["ann"]),
        ('userName eq "ann" or userName eq "bob" and active eq true', ["ann"]),
        (f'{ENTERPRISE}:employeeNumber eq "2"', ["cho"]),
        (f'{ENTERPRISE}:manager.managerId eq "1"', ["cho", "dee"]),
        (f'{WSO2}:employeeNumber eq "2"', ["cho"]),
        ('meta.lastModified gt "2020-01-01T00:00:00Z"', ["ann", "bob", "cho", "dee"]),
        ('userName eq "nobody"', []),
    ],
)
def test_filters_find_whom_they_say(
    scim: Scim1, people: dict[str, str], text: str, names: list[str]
) -> None:
    assert scim.found(text) == names


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"filter": 'shoe eq "x"'}, "shoe"),
        ({"filter": f'{ENTERPRISE}:shoe eq "x"'}, "shoe"),
        ({"filter": "userName"}, "filter"),
        ({"filter": 'userName eq "x'}, "filter"),
        ({"filter": f'{ENTERPRISE}:manager eq "x"'}, f"{ENTERPRISE}:manager"),
        ({"filter": 'active gt "x"'}, "active"),
        ({"sortBy": "shoe"}, "sortBy"),
        ({"sortBy": "userName", "sortOrder": "up"}, "sortOrder"),
        ({"startIndex": "x"}, "startIndex"),
        ({"count": "x"}, "count"),
    ],
)
def test_what_cannot_be_asked_is_named(scim: Scim1, params: dict[str, str], named: str) -> None:
    answer = scim("GET", "/Users", params=params)

    assert answer.status == 400
    assert named in described(answer)


def test_strict_wants_quotes(scim: Scim1, resident: ServiceProvider) -> None:
    resident.strict = True
    resident.save()

    answer = scim("GET", "/Users", params={"filter": "userName Eq bob"})

    assert answer.status == 400
    assert "filter" in described(answer)


def test_pages_begin_at_one_and_say_how_many_there_are(
    scim: Scim1, people: dict[str, str]
) -> None:
    page = scim("GET", "/Users", params={"startIndex": 2, "count": 2}).body

    assert page["schemas"] == [CORE]
    assert (page["totalResults"], page["itemsPerPage"], page["startIndex"]) == (4, 2, 2)
    assert [user["userName"] for user in page["Resources"]] == ["bob", "cho"]
    assert "nextCursor" not in scim("GET", "/Users", params={"cursor": "", "count": 1}).body
    assert scim("GET", "/Users", params={"count": 0}).body["totalResults"] == 4


def test_nobody_who_stays_is_missed_while_others_come_and_go(
    scim: Scim1, people: dict[str, str]
) -> None:
    first = scim("GET", "/Users", params={"count": 2}).body["Resources"]
    scim.make_user("eve")
    scim.make_user("abe")

    rest = scim("GET", "/Users", params={"startIndex": 3, "count": 9}).body

    seen = [user["userName"] for user in (*first, *rest["Resources"])]
    assert seen == ["ann", "bob", "cho", "dee", "eve", "abe"]
    assert rest["totalResults"] == 6

    scim("DELETE", f"/Users/{people['dee']}")
    last = scim("GET", "/Users", params={"startIndex": 3, "count": 9}).body
    assert [user["userName"] for user in last["Resources"]] == ["cho", "eve", "abe"]


def test_sorted_both_ways(scim: Scim1, people: dict[str, str]) -> None:
    for order, names in (("descending", "dee cho bob ann"), ("ascending", "ann bob cho dee")):
        for by in ("userName", f"{ENTERPRISE}:employeeNumber", f"{CORE}:title"):
            params = {"sortBy": by, "sortOrder": order}
            listed = scim("GET", "/Users", params=params).body["Resources"]
            assert [user["userName"] for user in listed] == names.split()


def test_only_what_is_asked_for_is_told(scim: Scim1, people: dict[str, str]) -> None:
    asked = f"userName,emails.value,{ENTERPRISE}:manager.managerId"

    user = scim("GET", f"/Users/{people['ann']}", params={"attributes": asked}).body

    assert user == {
        "schemas": [CORE, ENTERPRISE],
        "id": people["ann"],
        "userName": "ann",
        "emails": [{"value": "ann@acme.example"}],
        ENTERPRISE: {"manager": {"managerId": "0"}},
    }


def test_groups_are_found_by_name_and_member(scim: Scim1, people: dict[str, str]) -> None:
    scim.make_group("sales", [people["ann"]])
    scim.make_group("staff", [people["bob"]])

    assert scim.found("displayName Eq sales", "/Groups") == ["sales"]
    assert scim.found(f'members eq "{people["bob"]}"', "/Groups") == ["staff"]
    lean = scim("GET", "/Groups", params={"attributes": "displayName"}).body["Resources"]
    assert all("members" not in group for group in lean)
