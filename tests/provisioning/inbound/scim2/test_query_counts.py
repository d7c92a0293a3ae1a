"""How often the door asks the database for one request, apart from what the engine does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from idp.models import Tenant, User
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.provisioning.inbound.calls import basic, make_client
from tests.provisioning.inbound.scim2.conftest import Answered, Json, Scim
from tests.provisioning.inbound.scim2.test_cost import populate

RENAMED = {"op": "replace", "path": "name.familyName", "value": "Miller"}
REQUESTS: dict[str, tuple[int, Callable[[Scim, str], Answered]]] = {
    # the token, the user, its groups
    "read": (3, lambda scim, one: scim("GET", one)),
    # the token, the stores, how many, which, their groups
    "userName eq": (
        5,
        lambda scim, _: scim("GET", "/Users", params={"filter": 'userName eq "p7"'}),
    ),
    # the token, how many, which, their groups
    "list-100": (4, lambda scim, _: scim("GET", "/Users", params={"count": 100})),
    # the token; its groups, for the answer
    "create": (2, lambda scim, _: scim("POST", "/Users", {"userName": "new"})),
    # the token, the user as it was; its groups, for the answer
    "patch": (3, lambda scim, one: scim.patch(one, RENAMED)),
}


@pytest.fixture
def portal(client: Client, tenant: Tenant, resident: ServiceProvider) -> Scim:
    """A service provider with a bearer token and one target."""
    make_client(resident)
    url = "http://127.0.0.1:9"
    connector = make_connector(
        tenant, {"user_endpoint": f"{url}/Users", "group_endpoint": f"{url}/Groups"}
    )
    send_to(resident, connector)
    answer = client.post(
        "/oauth2/token",
        {"grant_type": "client_credentials"},
        headers=basic("hr-portal", "hr-secret-123"),
    )
    token = answer.json()["access_token"]
    return Scim(client, credentials={"Authorization": f"Bearer {token}"})


def asked_by_the_door(statements: list[str]) -> list[str]:
    """Selects that are neither in the engine's transaction nor about ways and jobs."""
    begins = [n for n, sql in enumerate(statements) if sql.startswith(("SAVEPOINT", "BEGIN"))]
    ends = [n for n, sql in enumerate(statements) if sql.startswith(("RELEASE", "COMMIT"))]
    inside = range(begins[0], ends[-1] + 1) if begins and ends else range(0)
    engine = ('FROM "serviceproviders_outboundtarget"', 'FROM "provisioning_')
    return [
        sql
        for n, sql in enumerate(statements)
        if n not in inside and not any(table in sql for table in engine)
    ]


@pytest.mark.parametrize("people", [100, 1_000])
def test_each_request_asks_a_small_number_of_times(
    portal: Scim, tenant: Tenant, people: int
) -> None:
    populate(tenant, people)
    one = f"/Users/{User.objects.all()[0].pk}"

    # The first request of a tenant reads its claims; what was read holds for all that follow.
    assert portal("GET", "/Users", params={"count": 1}).status == 200
    counts = {}
    for name, (_, ask) in REQUESTS.items():
        with CaptureQueriesContext(connection) as captured:
            answer = ask(portal, one)
        assert answer.status in (200, 201), answer.body
        counts[name] = len(asked_by_the_door([q["sql"] for q in captured.captured_queries]))

    assert counts == {name: expected for name, (expected, _) in REQUESTS.items()}


def bulk(scim: Scim, operations: list[Json]) -> int:
    """How many statements it takes; all of them have to be made."""
    with CaptureQueriesContext(connection) as captured:
        answer = scim("POST", "/Bulk", {"Operations": operations})
    told = answer.body["Operations"]
    assert {int(one["status"]) // 100 for one in told} == {2}, told
    statements = [query["sql"] for query in captured.captured_queries]
    return len([sql for sql in statements if "idp_tally" not in sql])


def new_users(count: int, prefix: str) -> list[Json]:
    return [
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": f"{prefix}{n}",
            "data": {"userName": f"{prefix}{n}", "emails": [{"value": "a@example.com"}]},
        }
        for n in range(count)
    ]


def test_new_users_in_a_bulk_request_share_what_is_asked_and_written(portal: Scim) -> None:
    bulk(portal, new_users(2, "warm"))

    assert bulk(portal, new_users(200, "many")) <= bulk(portal, new_users(20, "few")) + 10


def test_other_operations_ask_as_often_each_as_the_first(portal: Scim) -> None:
    bulk(portal, new_users(40, "p"))
    users = portal("GET", "/Users", params={"count": 40}).body["Resources"]
    members = [{"value": user["id"]} for user in users]
    group = portal("POST", "/Groups", {"displayName": "all", "members": members}).body
    title = {"Operations": [{"op": "add", "path": "title", "value": "Boss"}]}

    def renamed(n: int) -> Json:
        operations = [{"op": "replace", "path": "displayName", "value": f"all{n}"}]
        return {
            "method": "PATCH",
            "path": f"/Groups/{group['id']}",
            "data": {"Operations": operations},
        }

    people = [{"method": "PATCH", "path": f"/Users/{u['id']}", "data": title} for u in users]
    bulk(portal, [people[0], renamed(0)])

    first, second = bulk(portal, people[1:11]), bulk(portal, people[11:31])
    assert second - first <= first
    first, second = (
        bulk(portal, [renamed(n) for n in range(1, 6)]),
        bulk(portal, [renamed(n) for n in range(6, 16)]),
    )
    assert second - first <= first
