from __future__ import annotations

from typing import Any

import pytest

from idp.models import Tenant, UserStore
from provisioning.inbound.scim2 import cursors
from provisioning.inbound.scim2.schema import group_schema, user_schema
from tests.provisioning.inbound.scim2.conftest import Scim

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.fixture
def people(scim: Scim, staff: UserStore) -> dict[str, str]:
    made = [
        scim.make_user(
            "ann",
            externalId="A1",
            displayName="Ann Lee",
            name={"givenName": "Ann", "familyName": "Lee"},
            emails=[{"value": "ann@work.example", "type": "work", "primary": True}],
            **{ENTERPRISE: {"employeeNumber": "7", "department": "Sales"}},
        ),
        scim.make_user(
            "bob",
            active=False,
            nickName="Bobby",
            emails=[
                {"value": "bob@home.example", "type": "home"},
                {"value": "bob@work.example", "type": "work"},
            ],
        ),
        scim.make_user("STAFF/kim", externalId="a1", title="Boss", displayName="Ünal"),
        scim.make_user("a/b"),
    ]
    return {entry["userName"]: entry["id"] for entry in made}


ALL = ["ann", "bob", "STAFF/kim", "a/b"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('userName eq "ANN"', ["ann"]),
        ('userName eq "staff/KIM"', ["STAFF/kim"]),
        ('userName eq "kim"', []),
        ('userName ne "ann"', ["bob", "STAFF/kim", "a/b"]),
        ('userName sw "a"', ["ann", "a/b"]),
        ('userName sw "sta"', ["STAFF/kim"]),
        ('userName sw "STAFF/k"', ["STAFF/kim"]),
        ('userName ew "m"', ["STAFF/kim"]),
        ('userName ew "F/kim"', ["STAFF/kim"]),
        ('userName co "/"', ["STAFF/kim", "a/b"]),
        ('userName co "ff/ki"', ["STAFF/kim"]),
        ('userName co "%"', []),
        ('userName gt "ann"', ["bob", "STAFF/kim"]),
        ('userName le "ann"', ["ann", "a/b"]),
        ("userName pr", ALL),
        ("not (userName pr)", []),
        ('not (userName eq "ann")', ["bob", "STAFF/kim", "a/b"]),
        ('externalId eq "A1"', ["ann"]),
        ('externalId eq ""', []),
        ("externalId pr", ["ann", "STAFF/kim"]),
        ('externalId ne "A1"', ["bob", "STAFF/kim", "a/b"]),
        ("externalId eq null", ["bob", "a/b"]),
        ("active eq false", ["bob"]),
        ("active ne false", ["ann", "STAFF/kim", "a/b"]),
        ('active eq "False"', ["bob"]),
        ('displayName eq "ann lee"', ["ann"]),
        ('displayName eq "üNAL"', ["STAFF/kim"]),
        ('displayName sw "ÜN"', ["STAFF/kim"]),
        ("displayName pr", ["ann", "STAFF/kim"]),
        ("not (displayName pr)", ["bob", "a/b"]),
        ('name.familyName eq "lee"', ["ann"]),
        ('name.familyName co "E"', ["ann"]),
        ("name pr", ["ann"]),
        ('emails eq "ann@work.example"', ["ann"]),
        ('emails.value eq "BOB@WORK.example"', ["bob"]),
        ('emails.value sw "bob@"', ["bob"]),
        ('emails co "work"', ["ann", "bob"]),
        ('emails ew "home.example"', ["bob"]),
        ('emails[type eq "work" and value co "bob"]', ["bob"]),
        ('emails[type eq "home" and value sw "ann"]', []),
        ('emails[value eq "bob@home.example"]', ["bob"]),
        ('emails[type eq "work"].value eq "ann@work.example"', ["ann"]),
        ("emails[primary eq true]", ["ann"]),
        ('emails[not (type eq "work")]', ["bob"]),
        ('emails.type ne "home"', ["ann", "STAFF/kim", "a/b"]),
        ('emails.value ne "bob@home.example"', ["ann", "STAFF/kim", "a/b"]),
        (f'{ENTERPRISE}:employeeNumber eq "7"', ["ann"]),
        (f"{ENTERPRISE}:employeeNumber eq 7", ["ann"]),
        (f'{ENTERPRISE}:department sw "s"', ["ann"]),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ann"', ["ann"]),
        ('urn:purveyor:custom:User:gender eq "x"', []),
        ('title eq "boss" or userName eq "bob"', ["bob", "STAFF/kim"]),
        ('userName sw "a" and not (externalId pr)', ["a/b"]),
        ('(userName eq "ann" or userName eq "bob") and active eq true', ["ann"]),
        ('userName eq "ann" or title pr and active eq false', ["ann"]),
        ('meta.created gt "2020-01-01T00:00:00Z"', ALL),
        ('meta.lastModified lt "2020-01-01T00:00:00Z"', []),
        ('meta.created co "20"', ALL),
        ('meta.resourceType eq "User"', ALL),
        ('id eq "nobody"', []),
        ("groups pr", []),
    ],
)
def test_filters(scim: Scim, people: dict[str, str], text: str, names: list[str]) -> None:
    assert scim.found(text) == names


def test_filters_on_ids_dates_and_groups(scim: Scim, people: dict[str, str]) -> None:
    ann = scim("GET", f"/Users/{people['ann']}").body
    group = scim.make_group("sales", [people["ann"], people["bob"]])
    other = scim.make_group("Internal/boss", [people["bob"]])

    assert scim.found(f'id eq "{people["ann"]}"') == ["ann"]
    assert scim.found(f'id ne "{people["ann"]}"') == ["bob", "STAFF/kim", "a/b"]
    assert scim.found(f'meta.created eq "{ann["meta"]["created"]}"') == ["ann"]
    assert scim.found(f'meta.created ge "{ann["meta"]["created"]}"') == ALL
    assert scim.found(f'groups.value eq "{group["id"]}"') == ["ann", "bob"]
    assert scim.found('groups.display eq "internal/BOSS"') == ["bob"]
    assert scim.found('displayName eq "SALES"', "/Groups") == ["sales"]
    assert scim.found('displayName co "bo"', "/Groups") == ["Internal/boss"]
    assert scim.found(f'members.value eq "{people["ann"]}"', "/Groups") == ["sales"]
    assert scim.found(f'members eq "{people["bob"]}"', "/Groups") == ["sales", "Internal/boss"]
    assert scim.found('members.display sw "an"', "/Groups") == ["sales"]
    assert scim.found('members.display eq "bob"', "/Groups") == []
    assert scim.found(f'members[value eq "{people["bob"]}"]', "/Groups") == [
        "sales",
        "Internal/boss",
    ]
    assert scim.found(f'id eq "{other["id"]}"', "/Groups") == ["Internal/boss"]


@pytest.mark.parametrize(
    "text",
    [
        "userName",
        "userName eq",
        "userName xx 1",
        "(userName pr",
        "nonsense pr",
        "name.nonsense pr",
        "urn:nobody:x pr",
        'name eq "x"',
        "active gt true",
        "active eq 7",
        "userName gt null",
        "userName co 7",
        'meta.created eq "yesterday"',
        'emails[nonsense eq "x"]',
        'password eq "x"',
        "x509Certificates.value gt 1",
        "(" * 200 + "userName pr" + ")" * 200 + "x",
        "not (" * 100 + "userName pr" + ")" * 100,
        'userName eq "' + "x" * 9000 + '"',
    ],
    ids=lambda text: text[:40],
)
def test_filters_that_cannot_be(scim: Scim, text: str) -> None:
    answer = scim("GET", "/Users", params={"filter": text})

    assert (answer.status, answer.body["scimType"]) == (400, "invalidFilter")
    assert answer.body["detail"]


def test_pages_by_index(scim: Scim, people: dict[str, str]) -> None:
    def page(**params: Any) -> tuple[int, int, int, list[str]]:
        body = scim("GET", "/Users", params=params).body
        names = [r["userName"] for r in body["Resources"]]
        return body["totalResults"], body["startIndex"], body["itemsPerPage"], names

    assert page() == (4, 1, 4, ALL)
    assert page(startIndex=2, count=2) == (4, 2, 2, ["bob", "STAFF/kim"])
    assert page(startIndex=0, count=1) == (4, 1, 1, ["ann"])
    assert page(startIndex=9) == (4, 9, 0, [])
    assert page(count=0) == (4, 1, 0, [])
    assert page(count=-5) == (4, 1, 0, [])
    assert page(filter="externalId pr", startIndex=2) == (2, 2, 1, ["STAFF/kim"])
    assert page(filter="name pr or title pr", startIndex=2) == (2, 2, 1, ["STAFF/kim"])
    assert page(filter="name pr or title pr", count=0) == (2, 1, 0, [])
    for wrong in ({"count": "x"}, {"startIndex": "1.5"}, {"sortOrder": "up"}):
        assert scim("GET", "/Users", params=wrong).status == 400


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"filter": "externalId pr or active eq false"},
        {"filter": 'title ne "x"'},
        {"sortBy": "userName"},
        {"sortBy": "name.familyName", "sortOrder": "descending"},
    ],
    ids=str,
)
def test_pages_by_cursor_go_through_everybody_once(
    scim: Scim, people: dict[str, str], params: dict[str, str]
) -> None:
    expected = scim("GET", "/Users", params=params).body

    cursor: str | None = ""
    found: list[str] = []
    while cursor is not None:
        body = scim("GET", "/Users", params={**params, "cursor": cursor, "count": 2}).body
        assert body["totalResults"] == expected["totalResults"]
        assert "startIndex" not in body
        found += [r["id"] for r in body["Resources"]]
        cursor = body.get("nextCursor")

    assert found == [r["id"] for r in expected["Resources"]]


def test_cursors_that_cannot_be(
    scim: Scim, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**params: Any) -> tuple[int, str]:
        answer = scim("GET", "/Users", params=params)
        return answer.status, answer.body["scimType"]

    cursor = scim("GET", "/Users", params={"cursor": "", "count": 1}).body["nextCursor"]

    assert refused(cursor="nonsense") == (400, "invalidCursor")
    assert refused(cursor=cursor, filter="title pr") == (400, "invalidCursor")
    assert refused(cursor=cursor, startIndex=1) == (400, "invalidValue")
    assert refused(cursor="", count="x") == (400, "invalidCount")
    monkeypatch.setattr(cursors, "TIMEOUT", -1)
    assert refused(cursor=cursor) == (400, "expiredCursor")


@pytest.mark.parametrize(
    ("by", "ascending"),
    [
        ("userName", ["a/b", "ann", "bob", "STAFF/kim"]),
        ("id", ALL),
        ("meta.created", ALL),
        ("meta.lastModified", ALL),
        ("externalId", ["ann", "STAFF/kim", "bob", "a/b"]),
        ("name.familyName", ["ann", "bob", "STAFF/kim", "a/b"]),
        ("emails", ["ann", "bob", "STAFF/kim", "a/b"]),
        ("emails.value", ["ann", "bob", "STAFF/kim", "a/b"]),
        ("active", ["bob", "ann", "STAFF/kim", "a/b"]),
        (f"{ENTERPRISE}:department", ["ann", "bob", "STAFF/kim", "a/b"]),
    ],
)
def test_sorting(scim: Scim, people: dict[str, str], by: str, ascending: list[str]) -> None:
    def names(**params: Any) -> list[str]:
        body = scim("GET", "/Users", params={"sortBy": by, **params}).body
        assert body["totalResults"] == 4
        return [r["userName"] for r in body["Resources"]]

    assert names() == ascending
    assert names(sortOrder="descending") == ascending[::-1]
    assert names(startIndex=2, count=2) == ascending[1:3]


@pytest.mark.parametrize("endpoint", ["Users", "Groups"])
def test_every_attribute_there_is_can_be_sorted_by_and_asked_for(
    scim: Scim, tenant: Tenant, people: dict[str, str], endpoint: str
) -> None:
    scim.make_group("sales", [people["ann"]])
    schema = user_schema(tenant) if endpoint == "Users" else group_schema()
    schemas = [schema.core, *schema.extensions.values()]
    declared = [found for one in schemas for found in one.attributes.values()]
    paths = [part.path for found in declared for part in (found, *found.subs.values())]

    assert {"displayName", "meta.version"} <= {*paths}
    for path in paths:
        expected = 400 if path == "password" else 200
        sorted_by = scim("GET", f"/{endpoint}", params={"sortBy": path})
        asked_for = scim("GET", f"/{endpoint}", params={"filter": f"{path} pr"})
        assert (sorted_by.status, asked_for.status) == (expected, expected), path


def test_sorting_by_what_there_is_not(scim: Scim) -> None:
    for by in ("nonsense", "password"):
        assert scim("GET", "/Users", params={"sortBy": by}).status == 400


def test_searching_by_post_and_at_the_root(scim: Scim, people: dict[str, str]) -> None:
    scim.make_group("sales", [people["ann"]])

    users = scim("POST", "/Users/.search", {"filter": "active eq false", "attributes": ["id"]})
    assert users.body["Resources"] == [
        {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": people["bob"]}
    ]
    everything = scim("GET", "/").body
    assert everything["totalResults"] == 5
    assert [r["meta"]["resourceType"] for r in everything["Resources"]] == ["User"] * 4 + [
        "Group"
    ]
    page = scim("POST", "/.search", {"startIndex": 4, "count": 2}).body
    assert [r.get("userName") or r["displayName"] for r in page["Resources"]] == [
        "a/b",
        "sales",
    ]
    by_type = scim("GET", "/", params={"filter": 'meta.resourceType eq "Group"'}).body
    assert by_type["totalResults"] == 1
    either = 'userName eq "ann" or members pr'
    assert scim("GET", "/", params={"filter": either}).body["totalResults"] == 2
    assert scim("GET", "/", params={"cursor": ""}).status == 400
    assert scim("GET", "/", params={"sortBy": "id"}).status == 400
    assert scim("POST", "/.search", {"filter": 7}).status == 400
    assert scim("POST", "/.search", {"attributes": 7}).status == 400


def test_lists_show_what_is_asked_for(scim: Scim, people: dict[str, str]) -> None:
    body = scim("GET", "/Users", params={"attributes": "userName", "count": 1}).body

    assert set(body["Resources"][0]) == {"schemas", "id", "userName"}
