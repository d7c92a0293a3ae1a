"""Many writers and two workers at once on a database that lets them: nobody is lost."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Q

from idp.models import Group, Membership, User
from provisioning import passing, worker
from provisioning.changes import Refused
from provisioning.models import (
    AcceptedMember,
    Job,
    PassingEntity,
    PassingMember,
    ProvisionedEntity,
    State,
)
from serviceproviders.models import OutboundTarget
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="one writer at a time; runs on PostgreSQL"
    ),
]


@contextlib.contextmanager
def workers(count: int) -> Iterator[None]:
    """So many workers, each with a database connection of its own.

    They have stopped at the end: what they had leased is settled or handed back.
    """
    stop = threading.Event()

    def work() -> None:
        worker.run(stop, threads=2)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


def together(count: int, work: Callable[[random.Random], None]) -> list[BaseException]:
    failed: list[BaseException] = []

    def run(seed: int) -> None:
        try:
            work(random.Random(seed))
        except BaseException as error:  # noqa: BLE001 told by the test's own thread
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return failed


class Storm:
    """Changes at random, each of which may come too late."""

    def __init__(self, store: Store, people: list[Any], groups: list[Any]) -> None:
        self.store, self.people, self.groups = store, people, groups

    def __call__(self, dice: random.Random) -> None:
        for _ in range(12):
            # Somebody else may have deleted them first.
            with contextlib.suppress(Refused):
                self.change(dice, dice.choice(self.people), dice.choice(self.groups))

    def change(self, dice: random.Random, person: Any, group: Any) -> None:
        what = dice.randrange(8)
        if what == 0:
            self.store.delete_user(person)
        elif what < 5:
            self.store.set_group(group, add=[person])
        elif what < 7:
            self.store.set_group(group, remove=[person])
        elif user := self.find(person):
            data = {"external_id": user.external_id, "document": {"title": str(what)}}
            self.store.set_user(person, user.username, **data)

    def find(self, person: Any) -> User | None:
        if not self.store.service_provider.dumb_mode:
            return User.objects.filter(pk=person).first()
        row = PassingEntity.objects.filter(pk=person, deleted=None).select_related("store")
        return next((passing.as_user(one) for one in row), None)


def test_target_and_store_agree_after_a_storm(
    row: OutboundTarget,
    target: Scim2Target,
    store: Store,
    deliver: Callable[[], None],
    later: Callable[[], None],
) -> None:
    people = [store.add_user(f"person-{n}", external_id=f"e-{n}").entity_id for n in range(24)]
    groups = [store.add_group(f"group-{n}").entity_id for n in range(3)]

    with workers(2):
        assert together(6, Storm(store, people, groups)) == []
    for _ in range(4):
        later()
        deliver()

    assert not Job.objects.filter(Q(is_open=True) | Q(state=State.FAILED)).exists()
    there = sorted(str(user["externalId"]) for user in target.users.values())
    assert there == sorted(User.objects.values_list("external_id", flat=True))
    for group in Group.objects.all():
        members = Membership.objects.filter(group=group)
        names = sorted(members.values_list("user__username", flat=True))
        assert target.member_names(group.name) == names
        assert group.member_count == len(names)
    assert ProvisionedEntity.objects.count() == User.objects.count() + 3
    assert AcceptedMember.objects.count() == Membership.objects.count()


def test_nobody_is_lost_who_is_only_sent_onward(
    row: OutboundTarget,
    target: Scim2Target,
    store: Store,
    deliver: Callable[[], None],
    later: Callable[[], None],
) -> None:
    store.service_provider.dumb_mode = True
    store.service_provider.save()
    people = [store.add_user(f"person-{n}", external_id=f"e-{n}").entity_id for n in range(24)]
    groups = [store.add_group(f"group-{n}").entity_id for n in range(3)]

    with workers(2):
        assert together(6, Storm(store, people, groups)) == []
    for _ in range(4):
        later()
        deliver()

    assert not Job.objects.filter(Q(is_open=True) | Q(state=State.FAILED)).exists()
    assert not PassingEntity.objects.exclude(deleted=None).exists()
    left = PassingEntity.objects.filter(entity_type="user")
    there = sorted(str(user["externalId"]) for user in target.users.values())
    assert there == sorted(left.values_list("external_id", flat=True))
    for group in PassingEntity.objects.filter(entity_type="group"):
        members = PassingMember.objects.filter(group=group)
        names = sorted(members.values_list("member__name", flat=True))
        assert target.member_names(group.name) == names
        assert group.member_count == len(names)
    assert AcceptedMember.objects.count() == PassingMember.objects.count()
