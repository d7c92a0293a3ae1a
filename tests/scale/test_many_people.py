"""A hundred thousand people cost what ten cost: queries are counted, plans are read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors import EntityType
from idp import tallies
from idp.models import Group, Membership, SearchValue, Tenant, User, UserStore, new_id
from idp.search_values import search_rows
from provisioning import worker
from provisioning.models import AcceptedMember, Job, MemberChange, ProvisionedEntity
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.scim2 import Scim2Target
from tests.provisioning.inbound.calls import basic

PEOPLE = 100_000
MEMBERS = 20_000
GROWING = (
    "idp_user",
    "idp_searchvalue",
    "idp_membership",
    "provisioning_job",
    "provisioning_provisionedentity",
    "provisioning_acceptedmember",
    "provisioning_memberchange",
    "provisioning_auditevent",
)
pytestmark = pytest.mark.django_db(transaction=True)


def person(tenant: Tenant, store: UserStore, number: int) -> User:
    name = f"person-{number:06}"
    now = timezone.now()
    mail = {"value": f"{name}@example.org", "type": "work", "primary": True}
    return User(
        tenant=tenant,
        store=store,
        username=name,
        username_key=name,
        document={"emails": [mail]},
        created=now,
        modified=now,
    )


def add_people(tenant: Tenant, count: int, start: int = 0) -> list[User]:
    store = UserStore.objects.get(tenant=tenant, domain="PRIMARY")
    people = [person(tenant, store, number) for number in range(start, start + count)]
    User.objects.bulk_create(people, batch_size=5_000)
    SearchValue.objects.bulk_create(
        (row for user in people for row in search_rows(user)), batch_size=10_000
    )
    tallies.move(tenant, "users", count)
    return people


class Watch:
    """Runs a step and keeps what it asked the database."""

    def __call__(self, step: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as captured:
            step()
        self.queries = [query["sql"] for query in captured.captured_queries]
        return len(self.queries)

    def scans(self) -> list[str]:
        """Steps of the plans that read a growing table from end to end."""
        found = []
        for sql in self.queries:
            if not re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT)", sql):
                continue
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"), [])
                plan = [str(row[-1]) for row in cursor.fetchall()]
            found += [f"{line} in {sql[:200]}" for line in plan if _scans(line)]
        return found


def _scans(line: str) -> bool:
    match = re.match(r"SCAN (\w+)", line)
    return bool(match) and match[1] in GROWING  # type: ignore[index]


@pytest.fixture
def door(tenant: Tenant, client: Client) -> Callable[..., Any]:
    make_operator(tenant, "caller")

    def call(method: str, path: str, body: Any = None, **params: str) -> Any:
        answer = client.generic(
            method,
            f"/scim2{path}",
            data=b"" if body is None else json.dumps(body).encode(),
            content_type="application/scim+json",
            headers=basic("caller"),
            query_params=params,
        )
        assert answer.status_code < 300, answer.content
        return json.loads(answer.content) if answer.content else None

    call("GET", "/Users", count="1")  # the first call reads what is cached afterwards
    return call


@pytest.fixture
def target() -> Iterator[Scim2Target]:
    with Scim2Target() as running:
        yield running


@pytest.fixture
def row(tenant: Tenant, resident: ServiceProvider, target: Scim2Target) -> OutboundTarget:
    return send_to(resident, make_connector(tenant, target.settings))


def steps(door: Callable[..., Any], number: int) -> dict[str, Callable[[], Any]]:
    user = User.objects.get(username_key="person-000003")
    mail = "person-000003@example.org"
    new = {
        "userName": f"new-{number}",
        "emails": [{"value": f"new-{number}@example.org"}],
    }
    return {
        "create": lambda: door("POST", "/Users", new),
        "read": lambda: door("GET", f"/Users/{user.pk}"),
        "first page": lambda: door("GET", "/Users", cursor="", count="20"),
        "next page": lambda: next_page(door),
        "by name": lambda: door("GET", "/Users", filter='userName eq "Person-000003"'),
        "by e-mail": lambda: door("GET", "/Users", filter=f'emails.value eq "{mail}"'),
    }


def next_page(door: Callable[..., Any]) -> Any:
    page = door("GET", "/Users", cursor="", count="5")
    return door("GET", "/Users", cursor=page["nextCursor"], count="5")


def test_the_door_costs_the_same_with_ten_people_and_with_a_hundred_thousand(
    tenant: Tenant, row: OutboundTarget, door: Callable[..., Any]
) -> None:
    watch = Watch()
    add_people(tenant, 10)
    few = {name: watch(step) for name, step in steps(door, 1).items()}
    add_people(tenant, PEOPLE, start=10)

    many: dict[str, int] = {}
    scans: dict[str, list[str]] = {}
    for name, step in steps(door, 2).items():
        many[name] = watch(step)
        scans[name] = watch.scans()

    dearer = {name: (few[name], count) for name, count in many.items() if count > few[name]}
    assert dearer == {}
    assert {name: found for name, found in scans.items() if found} == {}
    total = door("GET", "/Users", count="0")["totalResults"]
    assert total == PEOPLE + 12


def test_a_large_group_takes_one_member_more_at_the_cost_of_one(
    tenant: Tenant,
    row: OutboundTarget,
    target: Scim2Target,
    door: Callable[..., Any],
) -> None:
    group = a_group_that_is_there(tenant, row, target, MEMBERS)
    newcomer = door("POST", "/Users", {"userName": "newcomer"})
    worker.run(once=True, threads=1)
    target.log.clear()
    watch = Watch()

    def add_one() -> None:
        door("PATCH", f"/Groups/{group.pk}", add_member(newcomer["id"]))

    asked = watch(add_one)
    read = [sql for sql in watch.queries if "idp_membership" in sql and "SELECT" in sql[:6]]
    scans = watch.scans()
    job = Job.objects.get(entity_id=group.pk)
    rows = MemberChange.objects.filter(job=job).count()
    sealed = len(bytes(job.sealed_payload))
    delivered = watch(lambda: worker.run(once=True, threads=1))

    assert asked < 45
    assert scans == []
    assert all("LIMIT" in sql or newcomer["id"].replace("-", "") in sql for sql in read), read
    assert (rows, sealed < 500) == (1, True)
    assert delivered < 60
    [request] = [one for one in target.log if one.method != "GET"]
    assert len(request.body) < 500
    assert Group.objects.get(pk=group.pk).member_count == MEMBERS + 1
    assert AcceptedMember.objects.filter(group__entity_id=group.pk).count() == MEMBERS + 1


def add_member(user_id: str) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members", "value": [{"value": user_id}]}],
    }


def a_group_that_is_there(
    tenant: Tenant, row: OutboundTarget, target: Scim2Target, count: int
) -> Group:
    """A group whose members are all at the target already."""
    now = timezone.now()
    people = add_people(tenant, count)
    group = Group.objects.create(
        tenant=tenant,
        store=people[0].store,
        name="everybody",
        name_key="everybody",
        member_count=count,
        created=now,
        modified=now,
    )
    Membership.objects.bulk_create(
        (Membership(group=group, user=user) for user in people), batch_size=5_000
    )
    remote = target.add_group("everybody")
    link = _link(row, EntityType.GROUP, group.pk, "everybody", remote["id"])
    link.accepted = {"displayName": "everybody"}
    links = [
        _link(row, EntityType.USER, user.pk, user.username, f"r-{number}")
        for number, user in enumerate(people)
    ]
    ProvisionedEntity.objects.bulk_create([link, *links], batch_size=5_000)
    AcceptedMember.objects.bulk_create(
        (AcceptedMember(group=link, member_id=user.pk) for user in people), batch_size=5_000
    )
    return group


def _link(
    row: OutboundTarget, kind: EntityType, entity_id: Any, name: str, remote_id: str
) -> ProvisionedEntity:
    now = timezone.now()
    return ProvisionedEntity(
        id=new_id(),
        tenant=row.service_provider.tenant,
        connector=row.connector,
        target=row,
        entity_type=kind,
        entity_id=entity_id,
        entity_name=name,
        remote_id=remote_id,
        remote_name=name,
        name_key=name,
        created=now,
        updated=now,
    )
