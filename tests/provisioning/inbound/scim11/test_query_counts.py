"""The SCIM 1.1 door asks the database as often as the SCIM 2.0 door."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from idp.models import Tenant, User
from tests.provisioning.inbound.scim2.conftest import Answered, Scim
from tests.provisioning.inbound.scim2.test_cost import populate
from tests.provisioning.inbound.scim11.conftest import ENTERPRISE, Scim1

QUESTIONS: dict[str, Callable[[Scim], Answered]] = {
    "read": lambda scim: scim("GET", f"/Users/{User.objects.all()[0].pk}"),
    "userName eq": lambda scim: scim("GET", "/Users", params={"filter": 'userName eq "p7"'}),
    "list-100": lambda scim: scim("GET", "/Users", params={"count": 100}),
    "by name": lambda scim: scim("GET", "/Users", params={"sortBy": "userName", "count": 9}),
    "create": lambda scim: scim("POST", "/Users", {"userName": "new"}),
}


def asked(scim: Scim, ask: Callable[[Scim], Answered]) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = ask(scim)
    assert answer.status in (200, 201), answer.body
    if answer.status == 201:
        scim("DELETE", f"/Users/{answer.body['id']}")
    return len(captured.captured_queries)


@pytest.mark.parametrize("people", [20, 1_000])
def test_as_often_as_scim_2(scim: Scim1, tenant: Tenant, people: int) -> None:
    populate(tenant, people)
    other = Scim(scim.http, credentials=scim.credentials)
    for ask in QUESTIONS.values():
        asked(other, ask)

    counts = {name: asked(scim, ask) for name, ask in QUESTIONS.items()}

    assert counts == {name: asked(other, ask) for name, ask in QUESTIONS.items()}


def test_names_of_scim_1_find_the_same_indexes(scim: Scim1) -> None:
    for number in range(3):
        scim.make_user(f"p{number}", **{ENTERPRISE: {"employeeNumber": f"n{number}"}})
    params = {"filter": f'{ENTERPRISE}:employeeNumber eq "n2"'}

    with CaptureQueriesContext(connection) as captured:
        answer = scim("GET", "/Users", params=params)

    assert answer.body["totalResults"] == 1
    assert any("idp_searchvalue" in query["sql"] for query in captured.captured_queries)
