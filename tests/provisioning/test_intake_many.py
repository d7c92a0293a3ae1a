"""Many changes at once: what comes of them is what comes of one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import EntityType
from idp import tallies
from idp.models import Membership, SearchValue, Tally, Tenant, User, UserStore
from provisioning.changes import Accepted, Action, Change, Door, GroupData, Refused, UserData
from provisioning.intake import accept, accept_all
from provisioning.models import AuditEvent, Job
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import create_tenant, resident_of
from tests.factories import make_connector, send_to

SETTINGS = {
    "user_endpoint": "http://127.0.0.1:9/Users",
    "group_endpoint": "http://127.0.0.1:9/Groups",
    "authentication": "none",
}
GROUPS = ("sales", "STAFF/crew", "Internal/admins")

pytestmark = pytest.mark.django_db(transaction=True)


class House:
    """A tenant with a store, groups, and two targets, one of them for admins only."""

    def __init__(self, domain: str) -> None:
        self.tenant = create_tenant(domain)
        UserStore.objects.create(tenant=self.tenant, domain="STAFF")
        self.resident = resident_of(self.tenant)
        for name in GROUPS:
            accept(self.change(kind=EntityType.GROUP, group=GroupData(name=name)))
        for name, roles in (("everybody", []), ("admins", ["Internal/admins"])):
            connector = make_connector(self.tenant, SETTINGS, name=name)
            connector.provider.provisioning_roles = roles
            connector.provider.save()
            send_to(self.resident, connector)

    def change(self, *, kind: EntityType = EntityType.USER, **fields: Any) -> Change:
        return Change(
            tenant=self.tenant,
            service_provider=self.resident,
            door=Door.IMPORT,
            actor="ops",
            action=Action.CREATE,
            entity_type=kind,
            **fields,
        )

    def people(self, given: list[UserData]) -> list[Change]:
        return [self.change(user=data) for data in given]

    def seen(self) -> dict[str, Any]:
        """Everything that came of it, without ids and times."""
        return {
            "users": [
                (u.full_name, u.username_key, u.external_id, u.active, u.document, u.version)
                for u in self._by_name(User)
            ],
            "searched": sorted(
                SearchValue.objects.filter(tenant=self.tenant).values_list(
                    "user__username", "path", "value"
                )
            ),
            "counted": tallies.total(self.tenant, "users"),
            "members": sorted(
                Membership.objects.filter(group__tenant=self.tenant).values_list(
                    "group__name", "group__member_count", "user__username"
                )
            ),
            "jobs": sorted((self._job(job) for job in self._by_name(Job)), key=repr),
            "audit": [
                (e.action, e.subject_name, e.actor, e.door, e.detail)
                for e in self._by_name(AuditEvent)
                if e.subject_type == "user"
            ],
        }

    def _by_name(self, model: Any) -> Iterator[Any]:
        name = {User: "username", Job: "entity_name", AuditEvent: "subject_name"}[model]
        yield from model.objects.filter(tenant=self.tenant).order_by(name, "id")

    def _job(self, job: Job) -> tuple[Any, ...]:
        # Without change-sets: newcomers are added to their groups when they arrive.
        return (
            *(job.connector.provider.name, job.entity_type, job.entity_name, job.operation),
            *(job.remote_name, job.name_key, job.frees_key, job.state, job.revision),
            *(job.payload, job.password),
        )


people = st.lists(
    st.builds(
        UserData,
        name=st.sampled_from(["kim", "Kim", "lee", "max", "STAFF/kim", "", "x" * 256]),
        external_id=st.sampled_from(["", "e-1"]),
        active=st.booleans(),
        password=st.sampled_from([None, None, "a-secret"]),
        document=st.sampled_from(
            [{}, {"title": "Boss", "emails": [{"value": "K@x.example", "primary": True}]}]
        ),
        join=st.lists(st.sampled_from([*GROUPS, "SALES", "nobody"]), max_size=3, unique=True),
    ),
    max_size=6,
)


def answers(given: list[Accepted | Refused]) -> list[Any]:
    return [
        (type(one), str(one), one.field)
        if isinstance(one, Refused)
        else (one.changed, [(o.identity_provider, o.result, o.reason) for o in one.outcomes])
        for one in given
    ]


def one_by_one(changes: list[Change]) -> list[Accepted | Refused]:
    answers: list[Accepted | Refused] = []
    for change in changes:
        try:
            answers.append(accept(change))
        except Refused as error:
            answers.append(error)
    return answers


numbers = iter(range(1_000_000))


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(people)
def test_together_is_as_one_after_another(tenant: Tenant, given_people: list[UserData]) -> None:
    number = next(numbers)
    together, alone = House(f"t{number}.example"), House(f"a{number}.example")

    at_once = list(accept_all(together.people(given_people)))
    in_turn = one_by_one(alone.people(given_people))

    assert answers(at_once) == answers(in_turn)
    assert together.seen() == alone.seen()


def test_it_costs_no_more_queries_for_more_people(tenant: Tenant) -> None:
    house = House("many.example")
    for slot in range(Tally.SLOTS):  # a count's slot is made when it is first drawn
        Tally.objects.get_or_create(tenant=house.tenant, kind="users", slot=slot)

    def queries(first: int, last: int) -> int:
        given = [UserData(name=f"person-{n}", join=["sales"]) for n in range(first, last)]
        with CaptureQueriesContext(connection) as asked:
            assert all(isinstance(a, Accepted) for a in accept_all(house.people(given)))
        return len(asked)

    queries(0, 1)
    assert queries(2, 27) <= queries(1, 2) + 2


def test_targets_that_somebody_waits_for_are_delivered_in_the_answer(
    tenant: Tenant, resident: ServiceProvider
) -> None:
    send_to(resident, make_connector(tenant, SETTINGS), blocking=True)
    change = Change(
        tenant=tenant,
        service_provider=resident,
        door=Door.IMPORT,
        actor="ops",
        action=Action.CREATE,
        entity_type=EntityType.USER,
        user=UserData(name="kim"),
    )

    [answer] = accept_all([change])

    assert isinstance(answer, Accepted)
    assert [outcome.result for outcome in answer.outcomes] == ["failed"]


def test_updates_between_creates_keep_their_order(tenant: Tenant) -> None:
    house = House("order.example")
    [made] = accept_all(house.people([UserData(name="kim")]))
    assert isinstance(made, Accepted)

    def renamed() -> Change:
        return Change(
            tenant=house.tenant,
            service_provider=house.resident,
            door=Door.IMPORT,
            actor="ops",
            action=Action.UPDATE,
            entity_type=EntityType.USER,
            entity_id=made.entity_id,
            user=UserData(name="kimberly"),
        )

    again = house.people([UserData(name="kim")])
    before, _, after = accept_all([*again, renamed(), *house.people([UserData(name="kim")])])

    assert isinstance(before, Refused)
    assert isinstance(after, Accepted)


def test_a_name_taken_in_the_last_moment_is_refused_alone(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What two imports at once look like: the look finds nobody, the write somebody."""
    house = House("race.example")
    accept(house.change(user=UserData(name="kim")))
    blind: Callable[..., set[Any]] = lambda *_: set()  # noqa: E731 as if asked a moment ago
    monkeypatch.setattr("idp.userstores.DatabaseStore.names_taken", blind)

    taken, free = accept_all(house.people([UserData(name="kim"), UserData(name="lee")]))

    assert isinstance(taken, Refused)
    assert taken.field == "userName"
    assert isinstance(free, Accepted)
