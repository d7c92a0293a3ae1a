"""What a request costs does not depend on how many people there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from idp import tallies
from idp.models import Group, Membership, SearchValue, Tenant, User, UserStore, new_id
from tests.provisioning.inbound.scim2.conftest import Answered, Scim

LARGE = 3_000


def populate(tenant: Tenant, count: int) -> None:
    """People without the door: as `idp.userstores` would have stored them."""
    store = UserStore.objects.get(tenant=tenant, domain="PRIMARY")
    now = timezone.now()
    users = [
        User(
            id=new_id(),
            tenant=tenant,
            store=store,
            username=f"p{n}",
            username_key=f"p{n}",
            external_id=f"x{n}",
            document={"emails": [{"value": f"p{n}@example.com"}], "displayName": f"P {n}"},
            created=now,
            modified=now,
        )
        for n in range(count)
    ]
    User.objects.bulk_create(users, batch_size=1_000)
    SearchValue.objects.bulk_create(
        (
            SearchValue(tenant=tenant, user=user, path=path, value=value)
            for user in users
            for path, value in (
                ("emails.value", f"{user.username}@example.com"),
                ("displayName", f"p {user.username[1:]}"),
            )
        ),
        batch_size=1_000,
    )
    group = Group.objects.create(
        tenant=tenant, store=store, name="all", name_key="all", created=now, modified=now
    )
    Membership.objects.bulk_create(
        (Membership(group=group, user=user) for user in users), batch_size=1_000
    )
    tallies.move(tenant, "users", count)
    tallies.move(tenant, "groups", 1)


def listed(scim: Scim, **params: Any) -> Answered:
    return scim("GET", "/Users", params={"count": 10, **params})


QUESTIONS: dict[str, Callable[[Scim], Answered]] = {
    "userName eq": lambda scim: listed(scim, filter='userName eq "P7"'),
    "emails.value eq": lambda scim: listed(scim, filter='emails.value eq "P7@example.com"'),
    "emails[] eq": lambda scim: listed(scim, filter='emails[value eq "p7@example.com"]'),
    "displayName eq": lambda scim: listed(scim, filter='displayName eq "p 7"'),
    "externalId eq": lambda scim: listed(scim, filter='externalId eq "x7"'),
    "either": lambda scim: listed(scim, filter='userName eq "P7" or externalId eq "x8"'),
    "page": lambda scim: listed(scim, startIndex=3),
    "cursor": lambda scim: listed(scim, cursor=""),
    "next cursor": lambda scim: listed(
        scim, cursor=listed(scim, cursor="", count=5).body["nextCursor"]
    ),
    "by name": lambda scim: listed(scim, sortBy="userName"),
    "create": lambda scim: scim("POST", "/Users", {"userName": "new", "externalId": "n"}),
    "read": lambda scim: scim("GET", f"/Users/{User.objects.all()[0].pk}"),
    "groups": lambda scim: scim("GET", "/Groups", params={"excludedAttributes": "members"}),
}


def queries_of(scim: Scim, ask: Callable[[Scim], Answered]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = ask(scim)
    assert answer.status in (200, 201), answer.body
    if answer.status == 201:
        scim("DELETE", f"/Users/{answer.body['id']}")
    return [query["sql"] for query in captured.captured_queries]


def plan_of(sql: str) -> str:
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def scans(plan: str) -> list[str]:
    """The big tables that a plan reads from end to end."""
    big = ("idp_user", "idp_searchvalue", "idp_membership")
    found = []
    for line in plan.splitlines():
        words = line.replace('"', "").split()
        is_scan = words[:1] == ["SCAN"] and "USING" not in words
        if (is_scan or "Seq Scan" in line) and any(table in words for table in big):
            found.append(line)
    return found


def test_queries_do_not_grow_with_the_number_of_people(scim: Scim, tenant: Tenant) -> None:
    populate(tenant, 10)
    for ask in QUESTIONS.values():
        queries_of(scim, ask)
    few = {name: len(queries_of(scim, ask)) for name, ask in QUESTIONS.items()}
    User.objects.all().delete()
    Group.objects.all().delete()
    populate(tenant, LARGE)

    assert {name: len(queries_of(scim, ask)) for name, ask in QUESTIONS.items()} == few


@pytest.mark.parametrize("name", [name for name in QUESTIONS if name != "create"])
def test_no_plan_reads_a_table_from_end_to_end(scim: Scim, tenant: Tenant, name: str) -> None:
    populate(tenant, LARGE)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    for sql in queries_of(scim, QUESTIONS[name]):
        if sql.startswith("SELECT"):
            assert scans(plan_of(sql)) == [], sql
