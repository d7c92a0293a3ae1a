"""Page by page through people while others come and go: nobody twice, nobody left out."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from idp.models import Group, Tenant, User
from provisioning.inbound.scim2.positions import MOST, TIMEOUT, Positions
from tests.provisioning.inbound.scim2.conftest import Json, Scim
from tests.provisioning.inbound.scim2.test_cost import populate

PEOPLE, COUNT = 300, 20


def settle(tenant: Tenant, count: int) -> None:
    populate(tenant, count)
    Group.objects.all().delete()


def by_index(scim: Scim, meanwhile: Callable[[], None], **params: str) -> list[Json]:
    """What a client gets that asks until it has as many as there are."""
    found: list[Json] = []
    while True:
        where = {"startIndex": len(found) + 1, "count": COUNT, **params}
        page = scim("GET", "/Users", params=where).body
        assert page["startIndex"] == len(found) + 1
        found += page["Resources"]
        if len(found) >= page["totalResults"]:
            return found
        meanwhile()


def by_cursor(scim: Scim, meanwhile: Callable[[], None], **params: str) -> list[Json]:
    found: list[Json] = []
    cursor: str | None = ""
    while cursor is not None:
        where = {"cursor": cursor, "count": COUNT, **params}
        page = scim("GET", "/Users", params=where).body
        found += page["Resources"]
        cursor = page.get("nextCursor")
        meanwhile()
    return found


@pytest.mark.parametrize("walk", [by_index, by_cursor])
@pytest.mark.parametrize("params", [{}, {"filter": 'title ne "x"'}], ids=["all", "filtered"])
def test_while_others_come_and_go(
    scim: Scim, tenant: Tenant, walk: Callable[..., list[Json]], params: dict[str, str]
) -> None:
    settle(tenant, PEOPLE)
    dice = random.Random(7)
    there = {str(pk) for pk in User.objects.values_list("pk", flat=True)}
    gone: set[str] = set()

    def come_and_go() -> None:
        for _ in range(4):
            one = dice.choice(sorted(there - gone))
            gone.add(one)
            assert scim("DELETE", f"/Users/{one}").status == 204
            scim.make_user(f"new{len(gone)}")

    ids = [one["id"] for one in walk(scim, come_and_go, **params)]

    assert len(gone) > 40
    assert len(ids) == len(set(ids))
    assert there - gone <= set(ids)


def test_callers_and_questions_do_not_meet(scim: Scim, tenant: Tenant) -> None:
    settle(tenant, 9)
    first = scim("GET", "/Users", params={"count": 3}).body["Resources"]
    scim("DELETE", f"/Users/{first[0]['id']}")

    def names(**params: str) -> list[str]:
        page = scim("GET", "/Users", params={"startIndex": 4, "count": 2, **params}).body
        return [one["userName"] for one in page["Resources"]]

    assert names() == ["p3", "p4"]
    assert names(filter="userName pr") == ["p4", "p5"]


def test_what_was_told_is_known_for_a_while_only_and_bounded() -> None:
    now = [0.0]
    positions = Positions(lambda: now[0])
    positions.note("q", 10, "x")

    assert positions.find("q", 10) == "x"
    assert (positions.find("q", 11), positions.find("r", 10)) == (None, None)
    now[0] = TIMEOUT
    assert positions.find("q", 10) is None
    now[0] = 0.0
    for offset in range(MOST):
        positions.note("r", offset, "y")
    assert positions.find("q", 10) is None
    assert positions.find("r", MOST - 1) == "y"
