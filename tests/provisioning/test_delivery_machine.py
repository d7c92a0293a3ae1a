"""Random lives of people and groups, with crashes, lost answers and refusals in between.

Whatever happens: one open attempt per entity, one account per person, and in the end the
target holds exactly what the store holds.
"""

from __future__ import annotations

import itertools
import os
import uuid
from typing import Any

import pytest
from django.db.models import Count
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from idp.models import ROOT, Group, Membership, Mode, OutboundConnector, Tenant, User
from provisioning import operations, targets, worker
from provisioning.delivery import inline, loading
from provisioning.models import (
    Attempt,
    AuditEvent,
    ConnectorHealth,
    Job,
    ProvisionedEntity,
    State,
)
from provisioning.outbox import claiming
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import create_tenant, resident_of
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

NAMES = ("kim", "lee", "max")
TITLES = ("one", "two", "three")
TROUBLES = ("drop", "drop before", "500", "503 done", "400", "429")


class Lives(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        tenant = Tenant.objects.filter(domain=ROOT).first() or create_tenant(ROOT)
        self.target = Scim2Target()
        self.connector = make_connector(tenant, self.target.settings)
        send_to(resident_of(tenant), self.connector)
        self.store = Store(resident_of(tenant))
        self.numbers = itertools.count(1)

    # changes

    def free(self) -> list[str]:
        taken = set(User.objects.values_list("username", flat=True))
        return [name for name in NAMES if name not in taken]

    def users(self) -> list[User]:
        return list(User.objects.select_related("store").order_by("id"))

    @precondition(lambda self: self.free())
    @rule(data=st.data(), with_password=st.booleans())
    def add_user(self, data: st.DataObject, with_password: bool) -> None:
        number = next(self.numbers)
        self.store.add_user(
            data.draw(st.sampled_from(self.free())),
            external_id=f"e-{number}",
            document={"title": data.draw(st.sampled_from(TITLES))},
            password=f"the-password-{number}" if with_password else None,
        )

    @precondition(lambda self: User.objects.exists())
    @rule(data=st.data(), rename=st.booleans(), active=st.booleans())
    def change_user(self, data: st.DataObject, rename: bool, active: bool) -> None:
        user = data.draw(st.sampled_from(self.users()))
        names = [user.username, *(self.free() if rename else [])]
        self.store.set_user(
            user.pk,
            data.draw(st.sampled_from(names)),
            external_id=user.external_id,
            document={"title": data.draw(st.sampled_from(TITLES))},
            active=active,
        )

    @precondition(lambda self: User.objects.exists())
    @rule(data=st.data())
    def delete_user(self, data: st.DataObject) -> None:
        self.store.delete_user(data.draw(st.sampled_from(self.users())).pk)

    @precondition(lambda self: not Group.objects.exists())
    @rule()
    def add_group(self) -> None:
        self.store.add_group("staff", members=[user.pk for user in self.users()])

    @precondition(lambda self: Group.objects.exists() and User.objects.exists())
    @rule(data=st.data(), wanted=st.booleans())
    def toggle_member(self, data: st.DataObject, wanted: bool) -> None:
        one = [data.draw(st.sampled_from(self.users())).pk]
        group = Group.objects.get()
        self.store.set_group(group.pk, add=one if wanted else (), remove=() if wanted else one)

    @precondition(lambda self: Group.objects.exists())
    @rule()
    def delete_group(self) -> None:
        self.store.delete_group(Group.objects.get().pk)

    # delivery

    @rule(trouble=st.sampled_from((*TROUBLES, "")))
    def deliver(self, trouble: str) -> None:
        self.prepare(trouble)
        worker.run(once=True, threads=1)
        self.target.behave()

    @rule(answered=st.booleans())
    def crash(self, answered: bool) -> None:
        """A worker that dies with leased jobs, before or after the target did its part."""
        connector = OutboundConnector.objects.select_related("provider").get()
        if not claiming.sendable(timezone.now()).exists():
            return
        claimed = claiming.claim(connector, 3)
        if not (answered and claimed.jobs):
            return
        parcels, _ = loading.load(connector, claimed.jobs)
        sender = targets.open_connector(connector)
        with sender.http:
            for parcel in parcels:
                inline.attempt(parcel, sender)

    @rule()
    def wait(self) -> None:
        now = timezone.now()
        Job.objects.filter(state=State.PENDING).update(not_before=now)
        Job.objects.filter(state=State.RUNNING).update(lease_until=now)
        ConnectorHealth.objects.update(paused_until=None, probe_at=now)

    @rule(mode=st.sampled_from([Mode.ACTIVE, Mode.DRY_RUN, Mode.DRY_RUN, Mode.PAUSED]))
    def switch(self, mode: Mode) -> None:
        """What worked so far goes on, and is over, as it was begun."""
        OutboundConnector.objects.update(mode=mode)
        self.written = self.writes()

    def writes(self) -> int:
        return sum(request.method != "GET" for request in self.target.requests())

    def prepare(self, trouble: str) -> None:
        make: dict[str, Any] = {
            "drop": lambda: self.target.drop_next(processed=True),
            "drop before": lambda: self.target.drop_next(processed=False),
            "500": lambda: self.target.fail_next(500),
            "503 done": lambda: self.target.fail_next(503, processed=True),
            "400": lambda: self.target.fail_next(400),
            "429": lambda: self.target.fail_next(429, headers={"Retry-After": "30"}),
        }
        if trouble:
            make[trouble]()

    # what always holds

    @invariant()
    def one_open_attempt_per_entity(self) -> None:
        running = Job.objects.filter(state=State.RUNNING)
        doubled = running.values("connector", "entity_id").annotate(n=Count("id"))
        assert not doubled.filter(n__gt=1).exists()

    @invariant()
    def only_an_active_connector_writes(self) -> None:
        if OutboundConnector.objects.exclude(mode=Mode.ACTIVE).exists():
            assert self.writes() == self.written

    @invariant()
    def one_account_per_person(self) -> None:
        if not hasattr(self, "target"):
            return
        carried = [user.get("externalId") for user in self.target.users.values()]
        assert len(carried) == len(set(carried)), carried

    @invariant()
    def a_password_is_only_in_a_job_that_may_deliver_it(self) -> None:
        over = [State.DONE, State.CANCELLED, State.SUPERSEDED]
        assert not Job.objects.filter(state__in=over, sealed_password__isnull=False).exists()

    def teardown(self) -> None:
        if hasattr(self, "target"):
            try:
                self.settle_everything()
                self.compare()
            finally:
                self.target.__exit__(None, None, None)
                clear()

    def settle_everything(self) -> None:
        self.target.behave()
        OutboundConnector.objects.update(mode=Mode.ACTIVE)
        for _ in range(12):
            self.wait()
            worker.run(once=True, threads=1)
            unhappy = Job.objects.filter(state__in=[State.HELD, State.FAILED])
            why = list(unhappy.values_list("operation", "state", "reason"))
            again = operations.retry(Job.objects.all(), actor="ops")
            again += operations.release(Job.objects.all(), actor="ops")
            if not again and not Job.objects.filter(is_open=True).exists():
                return
        stuck = Job.objects.filter(is_open=True).values_list("operation", "state", "reason")
        raise AssertionError(f"stuck: {list(stuck)}; {why}")

    def compare(self) -> None:
        wanted = {
            user.external_id: (user.username, user.document["title"], user.active)
            for user in self.users()
        }
        there = {
            user["externalId"]: (user["userName"], user["title"], user["active"])
            for user in self.target.users.values()
        }
        assert there == wanted
        members = {
            group.name: sorted(
                Membership.objects.filter(group=group).values_list("user__username", flat=True)
            )
            for group in Group.objects.all()
        }
        held = {
            str(group["displayName"]): self.target.member_names(str(group["displayName"]))
            for group in self.target.groups.values()
        }
        assert held == members
        known = set(ProvisionedEntity.objects.values_list("entity_id", flat=True))
        living: set[uuid.UUID] = set(User.objects.values_list("pk", flat=True))
        assert known == living | set(Group.objects.values_list("pk", flat=True))


def clear() -> None:
    """An example leaves nothing to the next one."""
    for model in (Attempt, Job, ProvisionedEntity, AuditEvent, Membership):
        model.objects.all().delete()
    for row in resident_rows():
        row.delete()
    OutboundConnector.objects.all().delete()
    User.objects.all().delete()
    Group.objects.all().delete()


def resident_rows() -> list[Any]:
    return [row for sp in ServiceProvider.objects.all() for row in sp.outbound.all()]


@pytest.mark.django_db(transaction=True)
def test_the_target_ends_up_as_the_store_whatever_happens() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=int(os.environ.get("MACHINE_EXAMPLES", "25")),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
